import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { maskPhone, parsePhone } from './phone-number.ts';

describe('parsePhone', () => {
  test.each([
    ['+34612345678', '+34612345678'],
    ['+34 612 345 678', '+34612345678'],
    [' +34-711-22-33-44 ', '+34711223344'],
    ['+34\u00a0600\u00a0123\u00a0456', '+34600123456'],
    ['\u202a+34612345678\u202c', '+34612345678'],
    ['+34 612.345.678', '+34612345678'],
    ['(+34) 612 34-56-78', '+34612345678'],
  ])('reads the Spanish mobile %j', (input, number) => {
    expect(parsePhone(input, ['ES'])).toEqual({ ok: true, value: number });
  });

  test.each([
    ['nothing', ''],
    ['no country code', '612345678'],
    ['00 for +', '0034612345678'],
    ['a fixed line, which takes no SMS', '+34912345678'],
    ['a free number', '+34800123456'],
    ['a digit too few', '+3461234567'],
    ['a digit too many', '+346123456789'],
    ['a country code that does not exist', '+999612345678'],
    ['letters', '+34 612 DIALME'],
    ['an extension', '+34612345678;ext=5'],
    ["another script's digits", '+34٦١٢٣٤٥٦٧٨'],
    ['a full-width plus', '＋34612345678'],
    ['two numbers', '+34612345678 +34612345679'],
    ['a line break', '+34612\n345678'],
    ['very long', `+34${' 6'.repeat(100_000)}`],
  ])('refuses %s', (_, input) => {
    expect(parsePhone(input, ['ES'])).toEqual({ ok: false, code: 'invalid-format' });
  });

  test('tells a country that is not allowed from a number that is none', () => {
    expect(parsePhone('+351912345678', ['ES'])).toEqual({ ok: false, code: 'country-not-allowed' });
    expect(parsePhone('+351912345678', ['ES', 'PT'])).toEqual({ ok: true, value: '+351912345678' });
  });

  test('tells countries with one code apart', () => {
    expect(parsePhone('+14155552671', ['US']).ok).toBe(true);
    expect(parsePhone('+14155552671', ['CA'])).toEqual({ ok: false, code: 'country-not-allowed' });
  });

  test('reads every Spanish mobile alike, however it is spaced', () => {
    const rest = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 8 });
    const spacing = fc.array(fc.constantFrom('', ' ', '-'), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(rest, spacing, (digits, gaps) => {
        const spaced = digits.map((digit, index) => `${gaps[index]}${digit}`).join('');
        expect(parsePhone(`+34 6${spaced}`, ['ES'])).toEqual(parsePhone(`+346${digits.join('')}`, ['ES']));
      }),
    );
  });
});

test('maskPhone shows the last four digits, and not how many there are before', () => {
  expect(maskPhone('+34612341234')).toBe('•••••1234');
  expect(maskPhone('+376312345')).toBe('•••••2345');
});
