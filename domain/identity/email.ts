import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { normaliseTypedText } from '../typed-text.ts';
import { asciiDomain, readableDomain } from './domain-name.ts';
import { latinLetters, latinMarks } from './latin-letters.ts';

/** An address as its owner writes it: in NFC, case kept, the domain readable. Compare with `sameEmail` only. */
export type Email = Brand<'Email'>;

/** Characters of a whole address, at most. Source: RFC 5321 4.5.3.1.3, less the two angle brackets. */
const maxEmailLength = 254;

// RFC 5322's dot-atom, with Latin letters (RFC 6531; the receipt shows no others); quoted local parts and address literals
// are not for citizens. The domain has two labels at least, and the last one is not a number.
const atom = `[${latinLetters}${latinMarks}0-9!#$%&'*+/=?^_\`{|}~-]+`;
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}·-]{0,61}[\\p{L}\\p{M}\\p{N}])?';
const shape = new RegExp(`^(?=.{1,64}@)${atom}(?:\\.${atom})*@(?:${label}\\.)+(?=.*\\p{L})${label}$`, 'u');

/**
 * Reads an email address. The domain is returned in its Unicode form, if that is Latin, whichever of its two forms it had:
 * some browsers change one into the other. `too-long`: over 254 characters. `invalid-format`: not an address that mail can
 * reach.
 */
export function parseEmail(input: string): ParseResult<Email, 'invalid-format' | 'too-long'> {
  const email = normaliseTypedText(input);
  if (email.length > maxEmailLength) return parseFailure('too-long');
  if (!shape.test(email)) return parseFailure('invalid-format');
  const [local, domain] = partsOf(email);
  const ascii = asciiDomain(domain);
  if (ascii === undefined) return parseFailure('invalid-format');
  return parseSuccess(`${local}@${readableDomain(domain)}` as Email);
}

/**
 * The form in which addresses are compared and fingerprinted: NFC, lower case, the domain in its ASCII form (A-labels). Not
 * for sending mail.
 */
export function canonicalEmail(email: string): string {
  const [local, domain] = partsOf(normaliseTypedText(email));
  const lowerCase = (text: string) => text.toLowerCase().normalize('NFC');
  return `${lowerCase(local)}@${asciiDomain(domain) ?? lowerCase(domain)}`;
}

/** Whether two addresses are equal, ignoring case (ours: a mail server may distinguish case, hardly any does). */
export const sameEmail = (a: string, b: string): boolean => canonicalEmail(a) === canonicalEmail(b);

/** Masks an address so that its owner recognises it: `m•••@example.es`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf('@');
  const [first = '', ...rest] = email.slice(0, Math.max(at, 0));
  // A local part of one letter would be shown in full.
  return `${rest.length > 0 ? first : ''}•••${at < 0 ? '' : email.slice(at)}`;
}

function partsOf(email: string): [local: string, domain: string] {
  const at = email.lastIndexOf('@');
  return at < 0 ? [email, ''] : [email.slice(0, at), email.slice(at + 1)];
}
