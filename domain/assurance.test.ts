import { expect, test } from '@jest/globals';
import {
  type Assurance,
  assuranceOf,
  assurances,
  isAtLeast,
  levelOf,
  levels,
  type Means,
  reaches,
} from './assurance.ts';

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

test('each assurance is a level of eIDAS, in the same order', () => {
  expect(assurances.map(levelOf)).toEqual(levels);
});

test('a level reaches itself and those below, and none that is unknown', () => {
  const reached = levels.map((level) => levels.filter((floor) => isAtLeast(levels, level, floor)));
  expect(reached).toEqual([['low'], ['low', 'substantial'], ['low', 'substantial', 'high']]);
  expect(isAtLeast(levels, 'high', 'utmost')).toBe(false);
});
