import { expect, test } from '@jest/globals';
import { limits } from '../limits.ts';
import { passwordPolicy } from './password-policy.ts';

test('the policy is plain data, with the numbers of its texts and who can judge each rule', () => {
  const policy = passwordPolicy(limits.password);
  expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  expect(policy.rules[0]).toEqual({ code: 'too-short', needs: 'password', parameters: { shortest: 8 } });
  expect(policy.rules.find(({ code }) => code === 'contains-name')?.needs).toBe('person');
  expect(policy.rules.filter(({ needs }) => needs === 'server').map(({ code }) => code)).toEqual([
    'same-as-previous',
    'too-common',
  ]);
});

test('the recommendations of the official page are all listed, in its order', () => {
  expect(passwordPolicy(limits.password).recommendations.map(({ code }) => code)).toEqual([
    'no-reuse',
    'no-personal-data',
    'no-keyboard-sequences',
    'no-repeats',
    'not-deducible',
    'never-written-or-sent',
  ]);
});
