import { normaliseTypedText } from '../typed-text.ts';

/**
 * A phone number as people in Spain say and write it, made international: a mobile number without its country code gets
 * +34, and 00 becomes +. Anything else is returned as typed, for `parsePhone` to judge.
 */
export function internationalPhone(typed: string): string {
  const digits = normaliseTypedText(typed).replace(/[ .·()/'-]/g, '');
  if (/^[67][0-9]{8}$/.test(digits)) return `+34${digits}`;
  if (/^34[67][0-9]{8}$/.test(digits)) return `+${digits}`;
  return /^00[1-9][0-9]+$/.test(digits) ? `+${digits.slice(2)}` : typed;
}
