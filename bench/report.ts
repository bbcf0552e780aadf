import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../local/project-root.ts';
import type { Spread } from './rounds.ts';

export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** A spread as it stands in a table: the median, and least to most. */
export const formatSpread = ({ median, least, most }: Spread, digits = 1): string =>
  `${median.toFixed(digits)} (${least.toFixed(digits)}–${most.toFixed(digits)})`;

/** Rows as a Markdown table, its columns in the order of the first row. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(names),
    line(names.map(() => '---')),
    ...rows.map((row) => line(names.map((name) => row[name] ?? ''))),
  ].join('\n');
}

/** A target, and whether it was met. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

/** Prints a benchmark's tables and leaves its figures as JSON in `.cache/bench`. */
export function report(
  name: string,
  {
    rows,
    targets,
    figures,
  }: {
    rows: readonly Readonly<Record<string, string>>[];
    targets: readonly Target[];
    figures: object;
  },
): void {
  const folder = join(projectRoot(), '.cache', 'bench');
  mkdirSync(folder, { recursive: true });
  const of = { commit: commit(), command: process.argv.slice(2).join(' ') };
  const machine = { node: process.version, processors: cpus().length, model: cpus()[0]?.model };
  const file = join(folder, `${name}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ at: new Date().toISOString(), of, machine, figures, targets }, null, 2)}\n`,
  );
  say(`\n${table(rows)}\n`);
  if (targets.length > 0)
    say(
      `${table(targets.map(({ what, wanted, measured, met }) => ({ target: what, wanted, measured, met: met ? 'yes' : 'NO' })))}\n`,
    );
  say(`Figures: ${file}`);
}

/** Of which code the figures are; nothing where the sources lie about without their history. */
const commit = (): string | undefined =>
  spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout?.trim() || undefined;
