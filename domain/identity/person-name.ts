import type { Brand } from '../brand.ts';
import { type ParseResult, parseFailure, parseSuccess } from '../parse-result.ts';

/** A given name or a surname: NFC, single spaces. */
export type PersonName = Brand<'PersonName'>;

/** Characters of one name, at most. Ours. */
const maxNameLength = 100;

// Letters of any script with their marks (ª and º are letters), and what joins them in names: Mª Dolores, O'Hara,
// D’Ors, Martínez-Bordiú, Gal·la, J. Some begin with an apostrophe ('t Hooft). No digits, no signs: no HTML.
const shape = /^['’]?\p{L}[\p{L}\p{M} '’.·-]*$/u;

/**
 * Reads a given name or a surname as an office types it. `too-long`: over 100 characters. `invalid-format`: empty,
 * or with a character that names do not have.
 */
export function parsePersonName(input: string): ParseResult<PersonName, 'invalid-format' | 'too-long'> {
  const name = input
    .trim()
    .replace(/\p{Zs}+/gu, ' ')
    .normalize('NFC');
  if ([...name].length > maxNameLength) return parseFailure('too-long');
  return shape.test(name) ? parseSuccess(name as PersonName) : parseFailure('invalid-format');
}
