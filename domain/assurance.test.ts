import { expect, test } from '@jest/globals';
import { type Assurance, assuranceOf, assurances, type Means, reaches } from './assurance.ts';

test.each<[Means, string, Assurance]>([
  ['password', 'basic', 'basic'],
  ['password', 'advanced', 'basic'],
  ['password-sms', 'basic', 'basic'],
  ['password-sms', 'advanced', 'substantial'],
  ['password-sms', 'a level that nobody knows', 'basic'],
])('%s after a registration of level %s is %s', (means, level, assurance) => {
  expect(assuranceOf(means, level)).toBe(assurance);
});

test('an assurance reaches itself and those below', () => {
  const reached = assurances.map((assurance) => assurances.filter((asked) => reaches(assurance, asked)));
  expect(reached).toEqual([['basic'], ['basic', 'substantial'], ['basic', 'substantial', 'high']]);
});
