import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { languages } from '../../domain/languages.ts';
import { parseOtp } from '../../domain/one-time-password.ts';
import { normaliseTypedText } from '../../domain/typed-text.ts';
import { smsMessage } from '../../platform/locales.ts';
import { normaliseTypedText as inBrowser, otpIn } from './typed-text.js';

test('the browser reads every character as the service does', () => {
  const different: string[] = [];
  for (let code = 0; code < 0x110000; code += 1) {
    const text = `a${String.fromCodePoint(code)}b`;
    if (inBrowser(text) !== normaliseTypedText(text)) different.push(code.toString(16));
  }
  expect(different).toEqual([]);
});

test('the browser takes from a pasted text the code that the service takes', () => {
  const part = fc.constantFrom(
    '213634',
    '213',
    '634',
    '7',
    ' ',
    '-',
    '–',
    '\u200e',
    'Cl@ve: ',
    '. ',
    'es',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const otp = parseOtp(parts.join(''));
      expect(otpIn(parts.join(''))).toBe(otp.ok ? otp.value : undefined);
    }),
    { numRuns: 2_000 },
  );
});

test.each(languages)('the whole SMS message is pasted in %s', (language) => {
  for (const kind of [
    'activation',
    'password-reset',
    'password-change',
    'unsubscription',
    'sign-in',
  ] as const)
    expect(otpIn(smsMessage(`otp.${kind}`, language, { code: '042137', minutes: 10 }))).toBe('042137');
});
