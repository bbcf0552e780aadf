import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../domain/limits.ts';
import { checkPassword } from '../../domain/permanente/password-rules.ts';
import { generatorRules } from './generator-rules.ts';

const owner = { givenName: 'Qqqqq', firstSurname: 'Wwwww', nationalId: '00000000T' };
const rules = generatorRules(limits.password);

/** The characters of each class that the attribute requires, as its grammar defines them. */
const classes = [...rules.matchAll(/required: (lower|upper|digit|\[.*\]);/g)].map(([, name = '']) => {
  const named: Readonly<Record<string, string>> = {
    lower: 'abcdefghijklmnopqrstuvwxyz',
    upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    digit: '0123456789',
  };
  return named[name] ?? name.slice(1, -1);
});

test('the attribute is one that browsers read', () => {
  expect(rules).toMatch(
    /^minlength: 8; maxlength: 256; (required: (lower|upper|digit|\[-[!-~]+\]\]); ?){4}$/,
  );
  expect(classes).toHaveLength(4);
});

test('a password that is made by it breaks no rule', () => {
  const one = (characters = '') => fc.constantFrom(...characters);
  const passwords = fc
    .tuple(
      one(classes[0]),
      one(classes[1]),
      one(classes[2]),
      one(classes[3]),
      fc.string({ unit: one(classes.join('')), minLength: 4, maxLength: 40 }),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(passwords, (password) => {
      const broken = checkPassword(password, owner, limits.password);
      expect(broken.filter((code) => !code.startsWith('contains-'))).toEqual([]);
    }),
  );
});
