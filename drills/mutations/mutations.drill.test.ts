import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { until } from '../../test/environment/waiting.ts';
import type { Mutation } from './mutation.ts';
import { runMutations } from './run-mutations.ts';
import { mutations } from './table.ts';

const noticed = mutations.find(({ name }) => name === 'sixteen-characters-are-not-free') as Mutation;
/** Changes a word of a comment. */
const harmless: Mutation = { ...noticed, name: 'harmless', before: '/** Numbers of', after: '/** Counts of' };
const unreadable: Mutation = { ...noticed, name: 'unreadable', after: 'count(candidate) >= ;' };

/** The folders of this run, and those of the runs that mutations start. Other drills, beside this one, have folders too. */
const folders = (): string[] =>
  readdirSync(tmpdir())
    .filter((name) => /^clave-(mutation|test)/.test(name))
    .sort();

test('a mutation is noticed, survives or does not run, and nothing is left behind', async () => {
  const before = folders();
  const results = await runMutations([noticed, harmless, unreadable, noticed], {
    withBaseline: true,
    signal: new AbortController().signal,
    say: () => {},
  });
  const [first, second, third, fourth] = results.map(({ outcome }) => outcome);
  expect(first).toMatchObject({ kind: 'red', detail: expect.stringContaining('may be made of anything') });
  expect(second).toEqual({ kind: 'survived' });
  expect(third).toMatchObject({
    kind: 'did-not-run',
    detail: expect.stringContaining(noticed.tests[0] ?? ''),
  });
  expect(fourth).toEqual(first);
  expect(folders()).toEqual(before);
}, 300_000);

test('an interruption ends the tests under way, and nothing is left behind', async () => {
  const before = folders();
  const interruption = new AbortController();
  const running = runMutations([{ ...noticed, tests: ['test/http/every-state.test.ts'] }, noticed], {
    withBaseline: false,
    signal: interruption.signal,
    say: () => {},
  });
  // The servers of the tests keep their data in a folder of the run.
  const isStarted = () =>
    folders().some(
      (name) =>
        name.startsWith('clave-test-') &&
        !before.includes(name) &&
        readdirSync(join(tmpdir(), name)).length > 0,
    );
  await until(isStarted, (started) => started);
  interruption.abort();
  expect(await running).toEqual([]);
  expect(folders()).toEqual(before);
}, 300_000);
