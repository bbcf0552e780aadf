import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { languageFrom, languages } from './languages.ts';

describe('languageFrom', () => {
  test.each([
    [undefined, 'es'],
    ['', 'es'],
    ['es', 'es'],
    ['es-ES', 'es'],
    ['es-419', 'es'],
    ['ca', 'ca'],
    ['ca-ES', 'ca'],
    ['CA-ad', 'ca'],
    ['gl-ES', 'gl'],
    ['eu', 'eu'],
    ['en-GB', 'en'],
    ['ca-valencia', 'ca-valencia'],
    ['ca-ES-valencia', 'ca-valencia'],
    ['ca-Latn-ES-valencia', 'ca-valencia'],
    ['val', 'ca-valencia'],
  ])('%j is %s', (header, language) => {
    expect(languageFrom(header)).toBe(language);
  });

  test.each([
    ['the best-liked comes first', 'en;q=0.5, eu;q=0.9, ca;q=0.1', 'eu'],
    ['one without a quality is liked most', 'en;q=0.9, gl', 'gl'],
    ['of two liked alike, the first', 'gl;q=0.7,eu;q=0.7', 'gl'],
    ['languages that we lack are passed over', 'fr-FR, de;q=0.9, en;q=0.2', 'en'],
    ['only languages that we lack', 'fr, de', 'es'],
    ['one that is refused is not taken', 'en;q=0', 'es'],
    ['Valencian refused is no wish for it', 'ca-valencia;q=0, ca', 'ca'],
    ['any language is Spanish', '*', 'es'],
    ['any language above one of ours', '*, en;q=0.5', 'es'],
    ['any language, but rather English', '*;q=0.1, en;q=0.5', 'en'],
    ['spaces are allowed', ' ca ; q=0.3 ,\tgl ; q=1.000 ', 'gl'],
    ['empty elements are ignored', ',, eu ,', 'eu'],
    ['case does not matter', 'EU;Q=0.8, EN;q=0.1', 'eu'],
  ])('%s', (_, header, language) => {
    expect(languageFrom(header)).toBe(language);
  });

  test.each([
    ['a quality over one', 'en;q=1.5'],
    ['a quality with four decimals', 'en;q=0.1234'],
    ['a quality in words', 'en;q=high'],
    ['another parameter', 'en;level=1'],
    ['no language', ';q=0.5'],
    ['an underscore', 'en_GB'],
    ['a subtag too long', 'en-abcdefghi'],
    ['markup', 'en,<script>'],
    ['a header longer than any browser sends', `en,${'fr,'.repeat(400)}`],
  ])('a malformed header is Spanish: %s', (_, header) => {
    expect(languageFrom(header)).toBe('es');
  });

  test('is always one of ours, at once, whatever the header', () => {
    fc.assert(fc.property(fc.string(), (header) => languages.includes(languageFrom(header))));
    const started = performance.now();
    languageFrom(`${' '.repeat(499)};${' '.repeat(499)}`);
    languageFrom(`en${'-a'.repeat(400)};`);
    expect(performance.now() - started).toBeLessThan(200);
  });

  test('finds each of our own tags', () => {
    for (const language of languages) expect(languageFrom(language)).toBe(language);
  });
});
