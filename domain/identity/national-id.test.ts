import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checkLetter, nationalIdDigits, parseNationalId } from './national-id.ts';

const good = (input: string) => {
  const result = parseNationalId(input);
  if (!result.ok) throw new Error(`${input}: ${result.code}`);
  return result.value;
};

const digits = (count: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count })
    .map((list) => list.join(''));
const bodies = fc.oneof(
  digits(8),
  fc.tuple(fc.constantFrom('X', 'Y', 'Z', 'L', 'M'), digits(7)).map(([letter, rest]) => letter + rest),
);

describe('parseNationalId', () => {
  test.each([
    '12345678Z',
    '54362315K',
    'X2482300W',
    'X5253868R',
    'Y1234567X',
    'Z1234567R',
    'M1234567L',
    'L1234567L',
  ])('accepts %s as it is', (id) => {
    expect(good(id)).toBe(id);
  });

  test.each([
    ['lower case', '12345678z', '12345678Z'],
    ['dots and a hyphen', '12.345.678-Z', '12345678Z'],
    ['spaces around and between', ' x 2482300 w ', 'X2482300W'],
    ['a non-breaking space and hyphen', '12345678\u00a0\u2011Z', '12345678Z'],
    ['a missing leading zero', '1234567L', '01234567L'],
    ['a number of one digit', '1-r', '00000001R'],
    ['an en dash and invisible marks', '\u200e12345678–Z\ufeff', '12345678Z'],
    ['the eight figures of an older NIE', 'X-02482300-W', 'X2482300W'],
    ['the prefix of VAT numbers', 'ES12345678Z', '12345678Z'],
    ['that prefix and a NIE', 'es-X2482300W', 'X2482300W'],
  ])('reads %s', (_, input, canonical) => {
    expect(good(input)).toBe(canonical);
  });

  test.each(['12345678A', 'X1234567A', 'M1234567A', '12345678I', '1A'])(
    'tells that the letter of %s is wrong',
    (id) => {
      expect(parseNationalId(id)).toEqual({ ok: false, code: 'check-letter' });
    },
  );

  test.each([
    ['nothing', ''],
    ['no letter', '12345678'],
    ['nine digits', '123456789Z'],
    ['a short NIE', 'X123456L'],
    ['a NIE of eight digits', 'X12345678Z'],
    ['another first letter', 'K1234567L'],
    ['another separator', '12345678/Z'],
    ['a letter that only becomes S in upper case', '00000012ſ'],
    ["another script's digits", '١٢٣٤٥٦٧٨Z'],
    ['more separators than anyone types', `12345678${' '.repeat(50)}Z`],
    ['the prefix of another country', 'FR12345678Z'],
    ['a NIE of nine figures', 'X002482300W'],
    ['a prefix twice', 'ESES12345678Z'],
    ['ñ for a letter', '12345678ñ'],
  ])('refuses %s', (_, input) => {
    expect(parseNationalId(input)).toEqual({ ok: false, code: 'invalid-format' });
  });

  test('accepts exactly one letter for each number', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter(
          (letter) => parseNationalId(body + letter).ok,
        );
        expect(letters).toEqual([checkLetter(body)]);
      }),
    );
  });

  test('notices any one digit typed wrong', () => {
    fc.assert(
      fc.property(digits(8), fc.nat(7), fc.integer({ min: 1, max: 9 }), (body, place, step) => {
        const wrong = (Number(body[place]) + step) % 10;
        const typed = `${body.slice(0, place)}${wrong}${body.slice(place + 1)}${checkLetter(body)}`;
        expect(parseNationalId(typed)).toEqual({ ok: false, code: 'check-letter' });
      }),
    );
  });

  test('leaves what it has made as it is', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const id = good(body + checkLetter(body));
        expect(good(id)).toBe(id);
      }),
    );
  });
});

describe('checkLetter', () => {
  test.each([
    ['12345678', 'Z'],
    ['00000000', 'T'],
    ['X0000000', 'T'],
    ['Y1234567', 'X'],
    ['Z1234567', 'R'],
    ['M1234567', 'L'],
  ])('of %s is %s', (body, letter) => {
    expect(checkLetter(body)).toBe(letter);
  });

  test.each(['1234567', '123456789', 'x1234567', 'A1234567', ''])('throws on %s', (body) => {
    expect(() => checkLetter(body)).toThrow(RangeError);
  });
});

describe('bodyOf', () => {
  test.each([
    ['12345678Z', '12345678'],
    ['X2482300W', '2482300'],
    ['M1234567L', '1234567'],
  ])('of %s is %s, without either letter', (id, body) => {
    expect(nationalIdDigits(good(id))).toBe(body);
  });
});
