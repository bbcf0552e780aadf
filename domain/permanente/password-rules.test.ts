import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { specialCharacters } from './password-characters.ts';
import { checkPassword, normalisePassword, passwordRules } from './password-rules.ts';

const person = { givenName: 'Ada', firstSurname: 'Wobbel', secondSurname: 'Zzyzx', nationalId: '12345678Z' };
const broken = (password: string) => checkPassword(password, person, limits.password);

describe('a password under 16 characters', () => {
  test.each(['Tr3b0l.x', 'Añ0!xxxx', 'ÑANDÚ7-é', 'ç9(ÇQpRt', 'Ünic0=Òri', 'Fifteen_chars15'])(
    '%s may be set',
    (password) => {
      expect(broken(password)).toEqual([]);
    },
  );

  test.each([
    ['seven characters', 'Tr3b0l.', ['too-short']],
    ['no lower case', 'TR3B0L.X', ['needs-lower-case']],
    ['no upper case', 'tr3b0l.x', ['needs-upper-case']],
    ['no digit', 'Trebol.x', ['needs-digit']],
    ['no special character', 'Tr3b0lxx', ['needs-special']],
    ['a space', 'Tr3b0l. x', ['character-not-allowed']],
    ['a euro sign', 'Tr3b0l.€', ['character-not-allowed']],
    ['an emoji', 'Tr3b0l.😀', ['character-not-allowed']],
    ['a special character that is not of the 26', 'Tr3b0l.~', ['character-not-allowed']],
    ['quotes', `Tr3b0l."'`, ['character-not-allowed']],
    ['a vowel with another accent', 'Tr3b0l.â', ['character-not-allowed']],
    ["another script's digit", 'Trebol.x٣', ['needs-digit', 'character-not-allowed']],
    [
      'nothing at all',
      '',
      ['too-short', 'needs-lower-case', 'needs-upper-case', 'needs-digit', 'needs-special'],
    ],
    ['fifteen letters', 'aaaaaaaaaaaaaaa', ['needs-upper-case', 'needs-digit', 'needs-special']],
  ])('%s: told all that is wrong, in order', (_, password, codes) => {
    expect(broken(password)).toEqual(codes);
  });

  test('has 26 special characters, and each will do', () => {
    expect(new Set(specialCharacters).size).toBe(26);
    for (const special of specialCharacters) expect(broken(`Tr3b0lx${special}`)).toEqual([]);
  });

  test.each([...'ñçáéíóúàèòüï'])('%s is a lower-case letter and its capital an upper-case one', (letter) => {
    expect(broken(`R0B.${letter}XYZ`)).toEqual([]);
    expect(broken(`r0b.${letter.toUpperCase()}xyz`)).toEqual([]);
  });
});

describe('a password of 16 characters or more', () => {
  test.each([
    'una frase entera cualquiera',
    'sixteen chars ok',
    '0000111122223333',
    '🐎🔋📎✅🐎🔋📎✅🐎🔋📎✅🐎🔋📎✅',
    '                ',
    'x'.repeat(256),
  ])('%j may be made of anything', (password) => {
    expect(broken(password)).toEqual([]);
  });

  test('is counted in characters, not in halves of one', () => {
    expect(broken('😀'.repeat(15))).toContain('character-not-allowed');
    expect(broken('😀'.repeat(16))).toEqual([]);
    expect(broken('😀'.repeat(256))).toEqual([]);
    expect(broken('😀'.repeat(257))).toEqual(['too-long']);
  });

  test('has one space for every space that a keyboard makes, and keeps those at its ends', () => {
    expect(normalisePassword('\u00a0una\u2003frase\u3000larga ')).toBe(' una frase larga ');
  });

  test('is counted after NFC: an accent apart from its letter is no character', () => {
    const apart = 'e\u0301'.repeat(15);
    expect(normalisePassword(apart)).toBe('é'.repeat(15));
    expect(broken(apart)).toEqual(broken('é'.repeat(15)));
    expect(broken('e\u0301'.repeat(256))).toEqual([]);
  });

  test('is in NFC and no wider form: characters that are only compatible stay two', () => {
    for (const two of [
      ['ﬁ', 'fi'],
      ['²', '2'],
      ['Ａ', 'A'],
    ] as const)
      expect(normalisePassword(two[0])).not.toBe(normalisePassword(two[1]));
  });

  test('may not hold half a character, which could not be told from another half', () => {
    expect(broken(`una frase entera \ud800`)).toEqual(['character-not-allowed']);
  });

  test('may not hold the name or the id either', () => {
    expect(broken('aquí vive ADA, y 12345678 años')).toEqual(['contains-name', 'contains-id']);
  });
});

describe('the rules as data', () => {
  test('are the codes of the contract, in its order', () => {
    expect(passwordRules.map(({ code }) => code)).toEqual([
      'too-short',
      'needs-lower-case',
      'needs-upper-case',
      'needs-digit',
      'needs-special',
      'character-not-allowed',
      'contains-name',
      'contains-id',
      'same-as-previous',
      'too-common',
      'too-long',
    ]);
  });

  test('follow the lengths that they are given', () => {
    const lengths = { shortest: 10, freeFrom: 12, longest: 128 };
    expect(checkPassword('Tr3b0l.xx', person, lengths)).toEqual(['too-short']);
    expect(checkPassword('doce letras.', person, lengths)).toEqual([]);
    expect(checkPassword('x'.repeat(129), person, lengths)).toEqual(['too-long']);
    const parameters = Object.assign({}, ...passwordRules.map((rule) => rule.parameters(lengths)));
    expect(parameters).toEqual({ ...lengths, specials: specialCharacters });
  });

  test('agree with checkPassword, ticked off one by one', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZñÉ5.€ '), maxLength: 20 }), (password) => {
        const context = { lengths: limits.password, person };
        const unticked = passwordRules.filter(
          (rule) => rule.needs !== 'server' && !rule.holds(normalisePassword(password), context),
        );
        expect(broken(password)).toEqual(unticked.map(({ code }) => code));
      }),
    );
  });

  test('say the same however the same text is encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aZñÉ5.ü '), maxLength: 20 }), (password) => {
        expect(broken(password.normalize('NFD'))).toEqual(broken(password));
      }),
    );
  });
});
