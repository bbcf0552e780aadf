import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isCommonPassword } from './common-passwords.ts';
import { commonInSpain } from './common-spanish-words.ts';

describe('isCommonPassword', () => {
  test.each([
    'password',
    '123456789',
    'QWERTYUIOP',
    'contraseña',
    'Contrasena',
    'CONTRASEN\u0303A',
    'Password1!',
    'Contraseña1!',
    'Qwerty123!',
    'P@ssw0rd1!',
    '¡Madrid2024!',
    'Clave.2025',
    'Clave1234!',
    'Clave.7777',
    'M1guel.70',
    'A1berto.70',
    '1234',
    '1234Barcelona!',
    'B4rc3lona.',
    'Contr@$eñ@7',
    '@dmini5tr@dor',
    'TeQuiero1',
    'RealMadrid.1902',
    'Abc123!!',
    '1qaz2wsx..',
    'España!111',
    'Clavepermanente1.',
  ])('knows %s', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each([
    'Tr3b0l.x',
    'Kh7#mQz!2xLp',
    'xG9.vv(2R',
    'me gusta barcelona en verano',
    'contraseña de la abuela',
    'madrid barcelona sevilla',
    'correct horse battery staple',
    'Madrid*48213975',
    'Sol.7_9-3',
    'Ana.2024',
    'Clave48213975!',
    'verano del 78 en la playa!',
    '',
  ])('leaves %j alone', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });

  test('sees through case, and through a figure and a sign at the end, for any word of the list', () => {
    fc.assert(
      fc.property(fc.constantFrom(...commonInSpain.filter((word) => word.length >= 5)), (word) => {
        expect(isCommonPassword(word.toUpperCase())).toBe(true);
        expect(isCommonPassword(`${word}7!`)).toBe(true);
      }),
    );
  });

  test('never refuses a phrase for what it begins or ends with', () => {
    const word = fc.constantFrom('barcelona', 'password', 'contraseña', 'qwerty');
    fc.assert(
      fc.property(word, fc.constantFrom('zebra', 'lentejas', 'ñandú'), word, (first, middle, last) => {
        expect(isCommonPassword(`${first} ${middle} ${last}`)).toBe(false);
      }),
    );
  });

  test('answers at once whatever the text', () => {
    isCommonPassword('first question: the list is made');
    // Processor time, which other work on the machine does not lengthen. A search that backtracks takes minutes.
    const started = process.cpuUsage();
    for (const sign of ['1', '@', 'a', ' '])
      for (const length of [48, 256]) isCommonPassword(sign.repeat(length));
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(5_000);
  });

  test('each word of our list is there once, in lower case', () => {
    expect(new Set(commonInSpain).size).toBe(commonInSpain.length);
    expect(commonInSpain.every((word) => word === word.toLowerCase().normalize('NFC'))).toBe(true);
  });
});
