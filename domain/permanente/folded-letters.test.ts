import { expect, test } from '@jest/globals';
import { latinLetters } from '../identity/latin-letters.ts';
import { foldLetters } from './folded-letters.ts';

test.each([
  ['Łuczak', 'LUCZAK'],
  ['łódź', 'LODZ'],
  ['Sørensen', 'SORENSEN'],
  ['Đorđević', 'DORDEVIC'],
  ['Ħaż', 'HAZ'],
  ['Æsir', 'AESIR'],
  ['Ǽsir', 'AESIR'],
  ['Cœur', 'COEUR'],
  ['Weiß', 'WEISS'],
  ['WEIẞ', 'WEISS'],
  ['Þór', 'THOR'],
  ['Guðrún', 'GUDRUN'],
  ['Yıldız', 'YILDIZ'],
  ['Əliyev', 'ELIYEV'],
  ['Ŋkwe', 'NKWE'],
  ['Lu\u00adczak', 'LUCZAK'],
])('%s is %s', (name, folded) => {
  expect(foldLetters(name)).toBe(folded);
});

test('every letter that a name may have is folded to letters that every keyboard has, but for sounds without one', () => {
  const accepted = new RegExp(`[${latinLetters}]`, 'u');
  const strange = Array.from({ length: 0x1f00 }, (_, code) => String.fromCodePoint(code)).filter(
    (letter) => accepted.test(letter) && !/^[A-Z'·]+$/.test(foldLetters(letter)),
  );
  expect(strange.join('')).toBe('ƄƅƍƔƛƪƸƹƺƻƼƽƾǀǁǂǃȜȝɁɂɅ');
});
