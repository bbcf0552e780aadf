import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Mutation } from './mutation.ts';
import { promisesOf } from './promises.ts';
import { mutations } from './table.ts';
import { readProjectFile, tableFindings } from './table-findings.ts';

describe('the table of mutations', () => {
  test('breaks each promise of docs/security.md in two ways, by texts that are there once, for tests that it names', () => {
    const promises = promisesOf(readFileSync('docs/security.md', 'utf8'));
    expect(promises.size).toBeGreaterThan(33);
    expect(tableFindings(mutations, promises, readProjectFile)).toEqual([]);
  });
});

describe('a mutation is refused', () => {
  const promises = promisesOf(
    '| 7 | Holds. | [a.test.ts](../a.test.ts): “holds”<br>[b.test.ts](../b.test.ts): “too” |',
  );
  const good: Mutation = {
    promise: '7',
    name: 'good',
    file: 'a.ts',
    before: 'one',
    after: '$1',
    tests: ['b.test.ts'],
  };
  const findings = (changed: Partial<Mutation>) =>
    tableFindings([good, { ...good, name: 'other', ...changed }], promises, (file) =>
      file === 'a.ts' ? 'one two two' : undefined,
    );

  test.each<[string, Partial<Mutation>, string[]]>([
    ['never, if all is well', {}, []],
    ['without its text', { before: 'three' }, ['other: its text occurs 0 times in a.ts, not once']],
    [
      'with a text that occurs twice',
      { before: 'two' },
      ['other: its text occurs 2 times in a.ts, not once'],
    ],
    ['without its file', { file: 'b.ts' }, ['other: there is no b.ts']],
    ['if it changes nothing', { after: 'one' }, ['other: changes nothing']],
    ['with the name of another', { name: 'good' }, ['good: twice in the table']],
    ['with a name that is hard to type', { name: 'Good one' }, ['Good one: not in kebab-case']],
    ['without tests', { tests: [] }, ['other: no tests']],
    [
      'with a test that the document does not name',
      { tests: ['c.test.ts'] },
      ['other: docs/security.md does not name c.test.ts in line 7'],
    ],
    [
      'for a promise that there is not',
      { promise: '8' },
      ['promise 7: 1 mutations, fewer than 2', 'other: docs/security.md has no line 8'],
    ],
  ])('%s', (_, changed, expected) => {
    expect(findings(changed)).toEqual(expected);
  });
});
