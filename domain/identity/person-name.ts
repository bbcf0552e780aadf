import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';
import { normaliseTypedText } from '../typed-text.ts';
import { latinLetters, latinMarks } from './latin-letters.ts';

/** A given name or a surname in Latin letters: NFC, single spaces, one sign for each apostrophe, hyphen and middle dot. */
export type PersonName = Brand<'PersonName'>;

/** Characters of one name, at most. Ours. */
const maxNameLength = 100;

// Letters with at most two marks (ª and º are letters), and what joins them in names: Mª Dolores, O'Hara, Martínez-Bordiú,
// Gal·la, J. Some begin with an apostrophe ('t Hooft). No digits, no signs: no HTML.
const letter = `[${latinLetters}][${latinMarks}]{0,2}`;
const shape = new RegExp(`^'?${letter}(?:${letter}|[ '.·-])*$`, 'u');

/**
 * Reads a given name or a surname as an office types it. `too-long`: over 100 characters. `invalid-format`: empty,
 * or with a character that names do not have or that the receipt cannot show.
 */
export function parsePersonName(input: string): ParseResult<PersonName, 'invalid-format' | 'too-long'> {
  const name = normaliseTypedText(input).replace(/ +/g, ' ');
  if ([...name].length > maxNameLength) return parseFailure('too-long');
  return shape.test(name) ? parseSuccess(name as PersonName) : parseFailure('invalid-format');
}

/** A person's names in one line, as documents show them. */
export const fullName = ({
  givenName,
  firstSurname,
  secondSurname,
}: {
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string | null | undefined;
}): string =>
  [givenName, firstSurname, secondSurname ?? '']
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' ');
