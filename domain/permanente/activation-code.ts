import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { normaliseTypedText, withoutSeparators } from '../typed-text.ts';

/** The code of a registration act as it is compared and fingerprinted: ten characters, no hyphen. */
export type ActivationCode = Brand<'ActivationCode'>;

/** Crockford's base 32: no I, L, O or U, so that no character can be taken for another or spell a word. */
export const activationCodeAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Characters of a code, five bits each: 50 bits. Ours, after login.gov's letters. */
export const activationCodeLength = 10;

const bytesNeeded = 7;
const shape = new RegExp(`^[${activationCodeAlphabet}]{${activationCodeLength}}$`);

/**
 * Reads a code as a citizen types it from paper or pastes it: any case, with hyphens, spaces and other separators anywhere,
 * I and L read as 1 and O as 0. Source: Crockford's base 32.
 */
export function parseActivationCode(input: string): ParseResult<ActivationCode, 'invalid-format'> {
  if (normaliseTypedText(input).length > 40) return parseFailure('invalid-format');
  const typed = withoutSeparators(input);
  // ASCII only before case is changed: upper-casing turns a few foreign letters into ASCII ones.
  if (!/^[0-9A-Za-z]*$/.test(typed)) return parseFailure('invalid-format');
  const code = typed.toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
  return shape.test(code) ? parseSuccess(code as ActivationCode) : parseFailure('invalid-format');
}

/** The code as it is shown and printed: `ABCDE-FGHJK`. */
export const showActivationCode = (code: ActivationCode): string =>
  `${code.slice(0, activationCodeLength / 2)}-${code.slice(activationCodeLength / 2)}`;

/**
 * A code from random bytes. The first 50 bits become ten characters of five bits, so every code is exactly as
 * likely as every other; further bits are not used.
 * @throws RangeError on fewer than seven bytes.
 */
export function activationCodeFrom(bytes: Uint8Array): ActivationCode {
  if (bytes.length < bytesNeeded)
    throw new RangeError(`an activation code needs ${bytesNeeded} random bytes`);
  const bits = Array.from(bytes.subarray(0, bytesNeeded), (byte) => byte.toString(2).padStart(8, '0')).join(
    '',
  );
  const characters = Array.from({ length: activationCodeLength }, (_, index) =>
    activationCodeAlphabet.charAt(Number.parseInt(bits.slice(index * 5, index * 5 + 5), 2)),
  );
  return characters.join('') as ActivationCode;
}
