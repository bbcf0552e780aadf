import { expect, test } from '@jest/globals';
import { outcomeOf, type TestResult } from './outcome.ts';

const files = ['a.test.ts', 'b.test.ts'];
const passed = (file: string): TestResult => ({ file, passed: 3 });

test('a failed test is red, whatever else happened', () => {
  const failed = { file: 'b.test.ts', failed: 'holds', message: '\u001b[31mexpected 1\u001b[39m\n  at …' };
  expect(outcomeOf([{ file: 'a.test.ts', broken: 'x' }, failed], files, '')).toEqual({
    kind: 'red',
    detail: 'b.test.ts: “holds”',
    message: 'expected 1',
  });
});

test('a mutation has survived when each file has passed', () => {
  expect(outcomeOf(files.map(passed), files, '')).toEqual({ kind: 'survived' });
});

test('a file that cannot be loaded is not red', () => {
  const broken = { file: 'b.test.ts', broken: '  ● Test suite failed to run\n\n    Unexpected token' };
  expect(outcomeOf([passed('a.test.ts'), broken], files, '')).toEqual({
    kind: 'did-not-run',
    detail: 'b.test.ts: Unexpected token',
  });
});

test('a file without a result, or with all its tests skipped, is not red, and no survivor either', () => {
  const output = 'Error: the workflows cannot be bundled\n';
  const missing = { kind: 'did-not-run', detail: 'b.test.ts: Error: the workflows cannot be bundled' };
  expect(outcomeOf([passed('a.test.ts')], files, output)).toEqual(missing);
  expect(outcomeOf([passed('a.test.ts'), { file: 'b.test.ts', passed: 0 }], files, output)).toEqual(missing);
});
