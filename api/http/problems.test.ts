import { expect, test } from '@jest/globals';
import { routes } from '../routes.ts';
import { type ProblemCode, problems } from './problems.ts';

const codesWith = (column: 'uniform' | 'audited'): string[] =>
  Object.entries(problems)
    .filter(([, spec]) => spec[column])
    .map(([code]) => code);

test('the refusals that depend on the citizen leave at the uniform refusal time', () => {
  expect(codesWith('uniform')).toEqual([
    'sign-in-refused',
    'phone-yielded',
    'activation-data-refused',
    'activation-code-blocked',
  ]);
});

test('the refusals that no other audit event records are audited', () => {
  expect(codesWith('audited')).toEqual([
    'dnie-needed',
    'level-not-reached',
    'not-registered',
    'phone-in-use',
    'office-needed',
    'registration-act-needed',
    'suspended',
    'reset-needed',
    'password-refused',
    'unknown-relying-party',
  ]);
});

test('every refusal of a start is uniform, except one that follows the right password, or concerns no citizen', () => {
  const others: readonly ProblemCode[] = [
    'phone-in-use',
    'office-needed',
    'password-expired',
    'unknown-relying-party',
  ];
  const ofStarts = new Set(routes.filter(({ isStart }) => isStart).flatMap((route) => route.problems));
  expect([...ofStarts].filter((code) => !problems[code].uniform)).toEqual(others);
});
