import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { normaliseTypedText, withoutSeparators } from '../typed-text.ts';

/** A DNI, NIE, L or M number in its one stored form: `12345678Z`, `X2482300W`, `M1234567L`. */
export type NationalId = Brand<'NationalId'>;

// Longer texts are something else; generous for separators.
const maxInputLength = 40;

// The prefix ES is that of VAT numbers. A NIE of before 2008 has eight figures, of which the first is 0 (docs/adr/0036).
const shape = /^(?:[Ee][Ss])?(?:([0-9]{1,8})|([XYZxyz])0?([0-9]{7})|([LMlm][0-9]{7}))([A-Za-z])$/;

const checkLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/**
 * The check letter of a body: eight digits (DNI), or X, Y, Z, L or M and seven digits. For a NIE the first letter
 * stands for 0, 1 or 2; for L (Spaniards abroad) and M (foreigners without a NIE) it is dropped.
 * @throws RangeError on any other shape. Source: [DNI], the number modulo 23.
 */
export function checkLetter(body: string): string {
  if (!/^(?:[0-9]{8}|[XYZLM][0-9]{7})$/.test(body)) throw new RangeError('not the body of a national id');
  const digits = body.replace(/^[LM]/, '').replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
  return checkLetters.charAt(Number(digits) % checkLetters.length);
}

/**
 * Reads a national id as people write it: separators, invisible characters, lower case and the prefix ES are accepted, and
 * a DNI may lack its leading zeros. `invalid-format`: no such shape. `check-letter`: the shape is right and the letter is
 * not, which most often means a digit typed wrong.
 */
export function parseNationalId(input: string): ParseResult<NationalId, 'invalid-format' | 'check-letter'> {
  if (normaliseTypedText(input).length > maxInputLength) return parseFailure('invalid-format');
  // ASCII is checked before case is changed: upper-casing turns a few foreign letters into ASCII ones.
  const match = shape.exec(withoutSeparators(input));
  if (!match) return parseFailure('invalid-format');
  const [, dni, nieLetter = '', nieDigits = '', other = '', letter = ''] = match;
  const body = dni === undefined ? (nieLetter + nieDigits + other).toUpperCase() : dni.padStart(8, '0');
  if (checkLetter(body) !== letter.toUpperCase()) return parseFailure('check-letter');
  return parseSuccess(`${body}${letter.toUpperCase()}` as NationalId);
}

/**
 * The digits alone: eight of a DNI, seven of a NIE, L or M number. Every way of writing the id, with both letters,
 * with either or with none, contains them, so a search for the digits finds the id in any text.
 */
export const nationalIdDigits = (nationalId: NationalId): string => nationalId.replace(/[A-Z]/g, '');
