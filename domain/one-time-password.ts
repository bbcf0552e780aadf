import type { Brand } from './brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from './parse-result.ts';
import { normaliseTypedText, withoutSeparators } from './typed-text.ts';

/** A single-use code sent by SMS: six ASCII digits, leading zeros kept. */
export type OneTimePassword = Brand<'OneTimePassword'>;

/** Digits of a code. [ASVS] 6.5.4; the length that Cl@ve Permanente uses is not published. */
export const otpDigits = 6;

const bytesNeeded = 8;

/** Characters of a pasted text, at most: several SMS messages. */
const maxInputLength = 1_000;

/** Characters of a typed code, at most: generous for separators. */
const maxTypedLength = 40;

/**
 * Reads a code as a citizen types or pastes it: six digits with any separators, or the text of the whole SMS message, in
 * which one word, and no other, is of exactly six digits.
 */
export function parseOtp(input: string): ParseResult<OneTimePassword, 'invalid-format'> {
  if (input.length > maxInputLength) return parseFailure('invalid-format');
  const text = normaliseTypedText(input);
  const isMessage = /\p{L}/u.test(text);
  if (!isMessage && input.length > maxTypedLength) return parseFailure('invalid-format');
  const otp = isMessage ? onlyRunOfSix(text) : withoutSeparators(text);
  return /^[0-9]{6}$/.test(otp) ? parseSuccess(otp as OneTimePassword) : parseFailure('invalid-format');
}

/** The word of exactly six digits in a text; empty if there is none, or there are different ones. */
function onlyRunOfSix(text: string): string {
  const runs = new Set(text.match(/(?<![\p{L}\p{N}])[0-9]{6}(?![\p{L}\p{N}])/gu));
  return runs.size === 1 ? [...runs].join('') : '';
}

/**
 * A code from secret or random bytes: the first eight, big-endian, modulo a million. 2^64 is no multiple of a
 * million, so some codes are likelier than others by one part in 18 million million: of no use for guessing.
 * @throws RangeError on fewer than eight bytes.
 */
export function otpFrom(bytes: Uint8Array): OneTimePassword {
  if (bytes.length < bytesNeeded) throw new RangeError(`a one-time password needs ${bytesNeeded} bytes`);
  const number = bytes.subarray(0, bytesNeeded).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return String(number % 10n ** BigInt(otpDigits)).padStart(otpDigits, '0') as OneTimePassword;
}
