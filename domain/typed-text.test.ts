import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseEmail } from './identity/email.ts';
import { parseNationalId } from './identity/national-id.ts';
import { parsePersonName } from './identity/person-name.ts';
import { parsePhone } from './identity/phone-number.ts';
import { parseOtp } from './one-time-password.ts';
import { parseActivationCode } from './permanente/activation-code.ts';
import { normalisePassword } from './permanente/password-rules.ts';
import { normaliseTypedText } from './typed-text.ts';

/** Every character that a pattern matches, of all of Unicode. */
const all = (pattern: RegExp): string[] =>
  Array.from({ length: 0x110000 }, (_, code) => code)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code))
    .filter((character) => pattern.test(character));

const invisible = all(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
const dashes = [...all(/\p{Pd}/u), '\u2212', '\u2043', '\u02d7', '\u0096', '\u0097'];
const apostrophes = [..."'’‘‛`´ʼʹʻ′‵＇｀ˈ", '\u0092'];
const middleDots = [...'·•‧∙⋅・', '\u0387'];
const dots = [...'.．。․'];
const spaces = [...all(/[\t\p{Zs}]/u), '\u2800'];

describe('every character of its kind is read as one', () => {
  test.each([
    ['invisible', invisible, ''],
    ['dash', dashes, '-'],
    ['apostrophe', apostrophes, "'"],
    ['middle dot', middleDots, '·'],
    ['full stop', dots, '.'],
    ['space', spaces, ' '],
  ])('%s', (_, characters, one) => {
    expect(characters.filter((character) => normaliseTypedText(`a${character}b`) !== `a${one}b`)).toEqual([]);
  });
});

test('a line break is trimmed at the ends, and joins nothing', () => {
  expect(normaliseTypedText('\r\n Ana\u2028')).toBe('Ana');
  for (const parse of [parsePersonName, parseEmail])
    expect(parse('ana@example.es\nBcc: eva@example.es').ok).toBe(false);
  expect(parsePersonName('Ana\nEva').ok).toBe(false);
});

test('leaves letters, digits and other signs, and what it has made', () => {
  for (const text of ['Mª Dolores Ñúñez', "O'Hara", 'Gal·la', '１２٣', 'a_b/c+d@e,f', 'Łuczak'])
    expect(normaliseTypedText(text)).toBe(text);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const once = normaliseTypedText(text);
      expect(normaliseTypedText(once)).toBe(once);
    }),
  );
});

describe('whatever is left around or within an identifier, it is the same one', () => {
  const phone = (input: string) => parsePhone(input, ['ES']);
  const separators = [...dashes, ...middleDots, ...dots, ...spaces];
  const kinds = [
    ['a national id', parseNationalId, '12345678', 'Z', separators],
    ['an activation code', parseActivationCode, 'ABCDE', 'FGHJK', separators],
    ['an SMS code', parseOtp, '213', '634', separators],
    ['a phone', phone, '+34612', '345678', separators],
    ['an email', parseEmail, 'ana@exa', 'mple.es', []],
    ['a name', parsePersonName, 'Mar', 'tínez', []],
  ] as const;

  test.each(kinds)('%s', (_, parse, first, second, between) => {
    const whole = parse(first + second);
    expect(whole.ok).toBe(true);
    const around = fc.string({ unit: fc.constantFrom(...invisible, ...spaces), maxLength: 4 });
    const middle = fc.oneof(
      fc.constantFrom(...invisible),
      ...(between.length > 0 ? [fc.constantFrom(...between)] : []),
    );
    fc.assert(
      fc.property(around, middle, around, (before, inside, after) => {
        expect(parse(before + first + inside + second + after)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  test('a name with another dash, apostrophe, middle dot or space is stored as one name', () => {
    const alike = (characters: readonly string[], of: (sign: string) => string, name: string) => {
      for (const sign of characters) expect(parsePersonName(of(sign))).toEqual({ ok: true, value: name });
    };
    alike(dashes, (sign) => `Martínez${sign}Bordiú`, 'Martínez-Bordiú');
    alike(apostrophes, (sign) => `D${sign}Ors`, "D'Ors");
    alike(middleDots, (sign) => `Gal${sign}la`, 'Gal·la');
    alike(spaces, (sign) => `María${sign}José`, 'María José');
    alike(dots, (sign) => `J${sign} Antonio`, 'J. Antonio');
  });
});

test('a password keeps its invisible characters, dashes and apostrophes', () => {
  fc.assert(
    fc.property(fc.constantFrom(...invisible, ...dashes, ...apostrophes), (sign) => {
      const password = `Una frase${sign}de muchas letras`;
      expect(normalisePassword(password)).toBe(password.normalize('NFC'));
    }),
  );
});
