import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  activationCodeAlphabet,
  activationCodeFrom,
  activationCodeLength,
  parseActivationCode,
  showActivationCode,
} from './activation-code.ts';

const good = (input: string) => {
  const result = parseActivationCode(input);
  if (!result.ok) throw new Error(`${input}: ${result.code}`);
  return result.value;
};

describe('the alphabet', () => {
  test('has 32 characters, none of which looks like another', () => {
    expect(new Set(activationCodeAlphabet).size).toBe(32);
    expect(activationCodeAlphabet).not.toMatch(/[ILOU]/);
  });
});

describe('parseActivationCode', () => {
  test.each([
    ['as it is stored', 'ABCDEFGHJK', 'ABCDEFGHJK'],
    ['as it is shown', 'ABCDE-FGHJK', 'ABCDEFGHJK'],
    ['lower case and spaces', ' abcde fghjk ', 'ABCDEFGHJK'],
    ['I and L for 1', 'iIlL1-22222', '1111122222'],
    ['O for 0', 'oO000-22222', '0000022222'],
    ['a non-breaking hyphen', 'ABCDE‑FGHJK', 'ABCDEFGHJK'],
    ['an en dash', 'ABCDE–FGHJK', 'ABCDEFGHJK'],
    ['zero-width spaces', '\u200bABCDE-FGHJK\u200b', 'ABCDEFGHJK'],
  ])('reads %s', (_, input, code) => {
    expect(good(input)).toBe(code);
  });

  test.each([
    ['nothing', ''],
    ['nine characters', 'ABCDE-FGHJ'],
    ['eleven characters', 'ABCDE-FGHJKM'],
    ['U, which is in no code', 'UBCDE-FGHJK'],
    ['another sign', 'ABCDE_FGHJK'],
    ['a letter that only becomes I in upper case', 'ABCDEFGHJı'],
    ['an accented letter', 'ÁBCDE-FGHJK'],
    ['more spaces than anyone types', `ABCDE${' '.repeat(50)}FGHJK`],
    ['a very long text', 'A'.repeat(1_000_000)],
  ])('refuses %s', (_, input) => {
    expect(parseActivationCode(input)).toEqual({ ok: false, code: 'invalid-format' });
  });
});

describe('activationCodeFrom', () => {
  const bytes = fc.uint8Array({ minLength: 7, maxLength: 16 });

  test('makes a code that is read back from the way it is shown, in any case', () => {
    fc.assert(
      fc.property(bytes, (random) => {
        const code = activationCodeFrom(random);
        expect(code).toHaveLength(activationCodeLength);
        expect(showActivationCode(code)).toMatch(/^.{5}-.{5}$/);
        expect(good(showActivationCode(code).toLowerCase())).toBe(code);
      }),
    );
  });

  test('is one code for each 50 bits, and so without bias', () => {
    const bits = (code: string) =>
      [...code]
        .map((character) => activationCodeAlphabet.indexOf(character).toString(2).padStart(5, '0'))
        .join('');
    fc.assert(
      fc.property(bytes, (random) => {
        const first50 = [...random]
          .map((byte) => byte.toString(2).padStart(8, '0'))
          .join('')
          .slice(0, 50);
        expect(bits(activationCodeFrom(random))).toBe(first50);
      }),
    );
  });

  test('keeps leading zeros and reaches the last character', () => {
    expect(activationCodeFrom(new Uint8Array(7))).toBe('0000000000');
    expect(activationCodeFrom(new Uint8Array(7).fill(255))).toBe('ZZZZZZZZZZ');
  });

  test('throws rather than make a code from too little chance', () => {
    expect(() => activationCodeFrom(new Uint8Array(6))).toThrow(RangeError);
  });
});
