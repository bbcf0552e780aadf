// The metadata of mobile numbers only: a number is valid if it can receive SMS.
import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { normaliseTypedText } from '../typed-text.ts';

/** A mobile number in E.164, as `+34612345678`. */
export type PhoneNumber = Brand<'PhoneNumber'>;

/**
 * Reads an international number (`+34 612 345 678`), with any separators and invisible characters. `invalid-format`: no
 * number, or one that takes no SMS, such as a fixed line. `country-not-allowed`: not of `countries` (ISO 3166-1 alpha-2;
 * the policy's `phoneCountries`).
 */
export function parsePhone(
  input: string,
  countries: readonly string[],
): ParseResult<PhoneNumber, 'invalid-format' | 'country-not-allowed'> {
  const text = normaliseTypedText(input).replace(/[ .·()/'-]/g, '');
  // The library also accepts letters, extensions and digits of other scripts, which are refused here.
  if (!/^\+[0-9]{6,16}$/.test(text)) return parseFailure('invalid-format');
  const phone = parsePhoneNumberFromString(text);
  if (!phone?.isValid()) return parseFailure('invalid-format');
  if (!phone.country || !countries.includes(phone.country)) return parseFailure('country-not-allowed');
  return parseSuccess(phone.number as string as PhoneNumber);
}

/** Masks a phone number so that its owner recognises it: the last four digits, at a fixed length. */
export const maskPhone = (phone: string): string => `•••••${phone.slice(-4)}`;
