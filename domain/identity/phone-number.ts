// The metadata of mobile numbers only: with it a number is valid if a text message can reach it.
import { parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';

/** A mobile number in E.164, as `+34612345678`. */
export type PhoneNumber = Brand<'PhoneNumber'>;

/**
 * Reads an international number (`+34 612 345 678`; spaces and hyphens are fine). `invalid-format`: no number, or
 * one that takes no SMS, such as a fixed line. `country-not-allowed`: not of `countries` (ISO 3166-1 alpha-2; the
 * policy's `phoneCountries`).
 */
export function parsePhone(
  input: string,
  countries: readonly string[],
): ParseResult<PhoneNumber, 'invalid-format' | 'country-not-allowed'> {
  const text = input.trim();
  // The library reads far more (letters, extensions, other scripts' digits), none of which we want to guess at.
  if (!/^\+[0-9](?:[ \u00a0-]{0,2}[0-9]){5,15}$/.test(text)) return parseFailure('invalid-format');
  const phone = parsePhoneNumberFromString(text);
  if (!phone?.isValid()) return parseFailure('invalid-format');
  if (!phone.country || !countries.includes(phone.country)) return parseFailure('country-not-allowed');
  return parseSuccess(phone.number as string as PhoneNumber);
}

/** What may be shown of a phone to tell its owner which it is: the last four digits, always at the same length. */
export const maskPhone = (phone: string): string => `•••••${phone.slice(-4)}`;
