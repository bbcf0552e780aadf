import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePersonName } from './person-name.ts';

describe('parsePersonName', () => {
  test.each([
    'Ana',
    'María del Carmen',
    'Mª Dolores',
    'José Mª',
    'Íñigo',
    'Begoña',
    'Françesc',
    'Gal·la',
    "O'Hara",
    "'t Hooft",
    'Martínez-Bordiú',
    'Ramón y Cajal',
    'J. Antonio',
    'Li',
    'O',
    'Łukasz',
    'Nguyễn',
    'Ștefan',
    'Ẹ́níọlá',
    'Þóra',
  ])('accepts %s as it is', (name) => {
    expect(parsePersonName(name)).toEqual({ ok: true, value: name });
  });

  test.each([
    ['spaces around and several between', '  María   José ', 'María José'],
    ['a non-breaking space', 'María\u00a0José', 'María José'],
    ['an accent apart from its letter', 'Mari\u0301a', 'María'],
    ['an accent typed for an apostrophe', 'D´Ors', "D'Ors"],
    ['a typographic apostrophe', 'D’Ors', "D'Ors"],
    ['a non-breaking hyphen', 'Martínez‑Bordiú', 'Martínez-Bordiú'],
    ['a bullet for a middle dot', 'Gal•la', 'Gal·la'],
    ['the older letter with a middle dot', 'GaŀLa', 'Gal·La'],
    ['the ligature of a PDF document', 'Soﬁa', 'Sofia'],
    ['a tab', 'María\tJosé', 'María José'],
    ['marks that turn the writing round', '\u202aMaría\u202c', 'María'],
  ])('tidies %s', (_, input, name) => {
    expect(parsePersonName(input)).toEqual({ ok: true, value: name });
  });

  test.each([
    ['nothing', ''],
    ['spaces only', '   '],
    ['signs only', "-'."],
    ['a digit', 'Ana2'],
    ['HTML', '<b>Ana</b>'],
    ['an entity', 'Ana &amp; Eva'],
    ['a control character', 'Ana\u0000Eva'],
    ['a line break inside', 'Ana\nEva'],
    ['Chinese', '王小明'],
    ['Arabic', 'محمد'],
    ['Cyrillic', 'Юлия'],
    ['Greek', 'Ελένη'],
    ['a Cyrillic letter that looks Latin', '\u0410na'],
    ['letters of full width', 'Ａna'],
    ['a heap of marks', 'A\u0302\u0302\u0302\u0302na'],
    ['an emoji', 'Ana😀'],
    ['an address', 'ana@example.es'],
    ['a mark without a letter', '\u0301Ana'],
  ])('refuses %s', (_, input) => {
    expect(parsePersonName(input)).toEqual({ ok: false, code: 'invalid-format' });
  });

  test('counts characters, not bytes or halves, up to a hundred', () => {
    expect(parsePersonName('ñ'.repeat(100)).ok).toBe(true);
    expect(parsePersonName('n\u0303'.repeat(100)).ok).toBe(true);
    expect(parsePersonName(` ${'a'.repeat(100)} `).ok).toBe(true);
    expect(parsePersonName('a'.repeat(101))).toEqual({ ok: false, code: 'too-long' });
  });

  test('leaves what it has made as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aÑé ·-’.\u0301\u00a0') }), (input) => {
        const first = parsePersonName(input);
        if (first.ok) expect(parsePersonName(first.value)).toEqual(first);
      }),
    );
  });
});
