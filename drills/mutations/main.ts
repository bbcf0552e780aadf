import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import type { Mutation } from './mutation.ts';
import { promisesOf } from './promises.ts';
import { type MutationResult, runMutations } from './run-mutations.ts';
import { mutations } from './table.ts';
import { readProjectFile, tableFindings } from './table-findings.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `npm run mutations -- --only 12 --only cut-at-128`: takes away what docs/security.md promises, one behaviour after the other.
 * @returns the exit code: 1 if the tests have not noticed a mutation, or did not run
 */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      'no-baseline': { type: 'boolean', default: false },
    },
  });
  const findings = tableFindings(
    mutations,
    promisesOf(readFileSync('docs/security.md', 'utf8')),
    readProjectFile,
  );
  if (findings.length > 0) throw new Error(findings.join('\n'));
  const chosen = choose(values.only);
  if (values.list) {
    for (const { promise, name, file } of chosen) say(`${promise.padEnd(4)}${name} (${file})`);
    return 0;
  }
  const interruption = new AbortController();
  let exitCode = 0;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      exitCode = 128 + constants.signals[signal];
      interruption.abort();
    });
  const results = await runMutations(chosen, {
    say,
    withBaseline: !values['no-baseline'],
    signal: interruption.signal,
  });
  for (const line of tableOf(results)) say(line);
  const count = (kind: string) => results.filter(({ outcome }) => outcome.kind === kind).length;
  say(
    `${results.length} of ${chosen.length} mutations: ${count('red')} red, ${count('survived')} survived, ${count('did-not-run')} did not run`,
  );
  return exitCode || (count('red') === results.length ? 0 : 1);
}

/** The mutations of these names and promises, or all. @throws Error for one that there is not */
function choose(only: readonly string[]): readonly Mutation[] {
  const isOf =
    (which: string) =>
    ({ promise, name }: Mutation) =>
      promise === which || name === which;
  const unknown = only.filter((which) => !mutations.some(isOf(which)));
  if (unknown.length > 0) throw new Error(`No promise or mutation: ${unknown.join(', ')} (see --list)`);
  return only.length === 0 ? mutations : mutations.filter((one) => only.some((which) => isOf(which)(one)));
}

function tableOf(results: readonly MutationResult[]): string[] {
  const width = Math.max(0, ...results.map(({ mutation }) => mutation.name.length));
  return results.map(
    ({ mutation: { promise, name }, outcome, seconds }) =>
      `${promise.padEnd(4)}${name.padEnd(width + 2)}${outcome.kind.padEnd(12)}${String(seconds).padStart(4)} s`,
  );
}
