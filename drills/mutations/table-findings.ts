import { existsSync, readFileSync } from 'node:fs';
import { type Mutation, mutate } from './mutation.ts';
import type { Promises } from './promises.ts';

/** Fewest mutations of each promise. */
const minPerPromise = 2;

/** The text of a file of the project, undefined if there is none. In the project's folder. */
export const readProjectFile = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined;

/** What is wrong with the table, a line each. `read` returns the text of a file, or undefined if there is none. */
export function tableFindings(
  mutations: readonly Mutation[],
  promises: Promises,
  read: (file: string) => string | undefined,
): string[] {
  const names = mutations.map(({ name }) => name);
  const duplicates = names.filter((name, index) => names.indexOf(name) !== index);
  const counts = [...promises.keys()].map(
    (promise) => [promise, mutations.filter((mutation) => mutation.promise === promise).length] as const,
  );
  return [
    ...duplicates.map((name) => `${name}: twice in the table`),
    ...counts
      .filter(([, count]) => count < minPerPromise)
      .map(([promise, count]) => `promise ${promise}: ${count} mutations, fewer than ${minPerPromise}`),
    ...mutations.flatMap((mutation) => [...findingsOf(mutation, promises, read)]),
  ];
}

function* findingsOf(
  mutation: Mutation,
  promises: Promises,
  read: (file: string) => string | undefined,
): Generator<string> {
  const { promise, name, file, before, after, tests } = mutation;
  if (!/^[a-z0-9-]+$/.test(name)) yield `${name}: not in kebab-case`;
  if (before === after) yield `${name}: changes nothing`;
  const source = read(file);
  if (source === undefined) yield `${name}: there is no ${file}`;
  else
    try {
      mutate(source, mutation);
    } catch (error) {
      yield (error as Error).message;
    }
  const named = promises.get(promise);
  if (!named) yield `${name}: docs/security.md has no line ${promise}`;
  if (tests.length === 0) yield `${name}: no tests`;
  for (const test of tests)
    if (named && !named.includes(test))
      yield `${name}: docs/security.md does not name ${test} in line ${promise}`;
}
