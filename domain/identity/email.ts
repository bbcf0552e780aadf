import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';

/** An address as its owner writes it: trimmed, in NFC, case kept. Compare with `sameEmail` only. */
export type Email = Brand<'Email'>;

/** Characters of a whole address, at most. Source: RFC 5321 4.5.3.1.3, less the two angle brackets. */
const maxEmailLength = 254;

// RFC 5322's dot-atom, with letters of any script (RFC 6531); quoted local parts and address literals are not for
// citizens. The domain has two labels at least, and the last one is not a number.
const atom = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+";
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?';
const shape = new RegExp(`^(?=.{1,64}@)${atom}(?:\\.${atom})*@(?:${label}\\.)+(?=.*\\p{L})${label}$`, 'u');

/** Reads an email address. `too-long`: over 254 characters. `invalid-format`: not an address that mail can reach. */
export function parseEmail(input: string): ParseResult<Email, 'invalid-format' | 'too-long'> {
  const email = input.trim().normalize('NFC');
  if (email.length > maxEmailLength) return parseFailure('too-long');
  return shape.test(email) ? parseSuccess(email as Email) : parseFailure('invalid-format');
}

/** The form in which addresses are compared and fingerprinted: trimmed, NFC, lower case. Not for sending mail. */
export const canonicalEmail = (email: string): string =>
  email.trim().normalize('NFC').toLowerCase().normalize('NFC');

/** Whether two addresses are equal, ignoring case (ours: a mail server may distinguish case, hardly any does). */
export const sameEmail = (a: string, b: string): boolean => canonicalEmail(a) === canonicalEmail(b);

/** Masks an address so that its owner recognises it: `m•••@example.es`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = '', ...rest] = email.slice(0, Math.max(at, 0));
  // A local part of one letter would be shown in full.
  return `${rest.length > 0 ? first : ''}•••${at < 0 ? '' : email.slice(at)}`;
}
