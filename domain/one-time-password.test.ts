import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { smsMessage } from '../platform/locales.ts';
import { languages } from './languages.ts';
import { otpDigits, otpFrom, parseOtp } from './one-time-password.ts';

describe('parseOtp', () => {
  test.each([
    ['123456', '123456'],
    ['000000', '000000'],
    [' 012 345 ', '012345'],
    ['012\u00a0345\n', '012345'],
    ['213-634', '213634'],
    ['213\u2013634', '213634'],
    ['\u200e213634\u200e', '213634'],
    ['Cl@ve: 042137 es su clave. Caduca en 10 min.', '042137'],
    ['042137 (042137)\n@clave.example #042137 es', '042137'],
  ])('reads %j', (input, otp) => {
    expect(parseOtp(input)).toEqual({ ok: true, value: otp });
  });

  test.each([
    ['nothing', ''],
    ['five digits', '12345'],
    ['seven digits', '1234567'],
    ['a letter', '12345a'],
    ['a text with two codes', 'Cl@ve: 123456, antes 654321'],
    ['a text with a longer number', 'Cl@ve: 1234567'],
    ['digits within a word', 'f123456a'],
    ['a text with two halves', 'Cl@ve: 123 456'],
    ['two numbers', '123456 7'],
    ['a sign', '-12345'],
    ['a decimal', '12.345'],
    ['an exponent', '1e5000'],
    ["another script's digits", '١٢٣٤٥٦'],
    ['full-width digits', '１２３４５６'],
    ['more spaces than anyone types', `123456${' '.repeat(50)}`],
  ])('refuses %s', (_, input) => {
    expect(parseOtp(input)).toEqual({ ok: false, code: 'invalid-format' });
  });
});

describe('the whole SMS message, pasted', () => {
  const kinds = ['activation', 'password-reset', 'password-change', 'unsubscription', 'sign-in'] as const;
  test.each(languages.flatMap((language) => kinds.map((kind) => [language, kind] as const)))(
    'in %s, for %s',
    (language, kind) => {
      for (const minutes of [1, 10, 60]) {
        const text = smsMessage(`otp.${kind}`, language, { code: '042137', minutes });
        expect(parseOtp(text)).toEqual({ ok: true, value: '042137' });
      }
    },
  );
});

describe('otpFrom', () => {
  const big = (value: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value);
    return bytes;
  };

  test.each([
    [0n, '000000'],
    [7n, '000007'],
    [999_999n, '999999'],
    [1_000_000n, '000000'],
    [2n ** 64n - 1n, '551615'],
  ])('of %s is %s: big-endian, modulo a million, with its leading zeros', (value, otp) => {
    expect(otpFrom(big(value))).toBe(otp);
  });

  test('is always six digits, from the first eight bytes alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 32 }), (bytes) => {
        const otp = otpFrom(bytes);
        expect(otp).toHaveLength(otpDigits);
        expect(parseOtp(otp)).toEqual({ ok: true, value: otp });
        expect(otpFrom(bytes.slice(0, 8))).toBe(otp);
      }),
    );
  });

  test('throws rather than make a code from too few bytes', () => {
    expect(() => otpFrom(new Uint8Array(7))).toThrow(RangeError);
  });
});
