import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import { limits } from '../../domain/limits.ts';
import { characterGroups } from '../../domain/permanente/password-characters.ts';
import { normalisePassword, passwordRules } from '../../domain/permanente/password-rules.ts';
import { hasRightLetter, recommendationAgainst, unmetRules } from './rules.js';

const groups = Object.fromEntries(
  Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]),
) as Record<keyof typeof characterGroups, string>;

/** The domain's verdict on the rules that need only the password. */
const unmetInDomain = (password: string): string[] =>
  passwordRules.flatMap((rule) =>
    rule.needs === 'password' && !rule.holds(normalisePassword(password), { lengths: limits.password })
      ? [rule.code]
      : [],
  );

const known = fc.constantFrom(...Object.values(groups).join(''));
const passwords = fc.oneof(
  fc.string({ unit: known, maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.oneof(known, fc.constantFrom('€', ' ', 'n\u0303', '\ud800', '😀')), maxLength: 20 }),
  fc.string({ unit: known, minLength: 250, maxLength: 260 }),
);

test('the page ticks off the rules that the service checks', () => {
  fc.assert(
    fc.property(passwords, (password) => {
      expect([...unmetRules(password, limits.password, groups)].sort()).toEqual(
        unmetInDomain(password).sort(),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('the letter at the desk is the one that the service checks', () => {
  const typed = fc
    .tuple(
      fc.constantFrom('', 'X', 'y', 'Z', 'L', 'm', 'X0', 'ES', 'es Y', 'FR'),
      fc.integer({ min: 0, max: 99_999_999 }),
      fc.constantFrom(...'-–−·. \u200e\u2028'),
      fc.constantFrom(...'TRWAGMYFPDXBNJZSQVHLCKEio'),
    )
    .map(
      ([first, number, sign, letter]) =>
        `${first}${/[XyZLm]/i.test(first) ? String(number % 10_000_000).padStart(7, '0') : number}${sign}${letter}`,
    );
  fc.assert(
    fc.property(typed, (text) => {
      expect(hasRightLetter(text) ?? false).toBe(parseNationalId(text).ok);
    }),
    { numRuns: 2_000 },
  );
  expect(hasRightLetter('1234')).toBeUndefined();
});

test('runs of keys and repeated characters are advised against, and nothing else is', () => {
  expect(recommendationAgainst('Asdf-2030!')).toBe('no-keyboard-sequences');
  expect(recommendationAgainst('x4321-Y')).toBe('no-keyboard-sequences');
  expect(recommendationAgainst('Abc-111222')).toBe('no-repeats');
  for (const fine of ['', 'a', 'Nunca-llueve-en-2030!', 'Llueve-Poco7'])
    expect(recommendationAgainst(fine)).toBeUndefined();
});
