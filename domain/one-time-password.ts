import type { Brand } from './brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from './parse-result.ts';

/** A single-use code sent by SMS: six ASCII digits, leading zeros kept. */
export type OneTimePassword = Brand<'OneTimePassword'>;

/** Digits of a code. [ASVS] 6.5.4; the length that Cl@ve Permanente uses is not published. */
export const otpDigits = 6;

const bytesNeeded = 8;

/** Reads a code as a citizen types it: exactly six digits; spaces around and between are fine. */
export function parseOtp(input: string): ParseResult<OneTimePassword, 'invalid-format'> {
  if (input.length > 40) return parseFailure('invalid-format');
  const otp = input.replace(/\s/g, '');
  return /^[0-9]{6}$/.test(otp) ? parseSuccess(otp as OneTimePassword) : parseFailure('invalid-format');
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
