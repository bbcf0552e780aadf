import type { CitizenResult } from './actor.ts';
import type { FaultsResult } from './faults.ts';
import type { Plan } from './plan.ts';

/** One citizen in one run, with its counts. */
interface Case {
  readonly plan: Plan;
  readonly result: CitizenResult;
  readonly repeats: number;
  readonly findings: number;
}
type Row = readonly (string | number)[];

const columns = [
  'citizens',
  'at once',
  'repeated',
  'another SMS',
  'median back',
  'longest',
  'same SMS again',
  'findings',
];

/** The table of a run, by fault and moment. */
export function summary({ runs, findings, repeats }: FaultsResult): string {
  const cases = runs.flatMap(({ plan, results }): Case[] =>
    results.map((result) => ({
      plan,
      result,
      repeats: repeats.get(result.citizen.id) ?? 0,
      findings: findings.filter(
        ({ seed, text }) =>
          seed === plan.seed && text.startsWith(`${result.place.journey}/${result.place.step}`),
      ).length,
    })),
  );
  return table(
    ['fault', 'when', ...columns],
    grouped(cases, ({ plan }) => [what(plan), plan.moment]),
  );
}

const what = ({ fault, processName }: Plan): string => `${fault} ${processName}`;

function grouped(cases: readonly Case[], key: (one: Case) => readonly string[]): Row[] {
  const groups = new Map<string, Case[]>();
  for (const one of cases) {
    const name = key(one).join('\n');
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, members]) => [...name.split('\n'), ...numbers(members)]);
}

function numbers(members: readonly Case[]): Row {
  const how = (which: CitizenResult['how']) => members.filter(({ result }) => result.how === which).length;
  const times = members.map(({ result }) => result.recoveryMs).sort((a, b) => a - b);
  const sum = (of: (one: Case) => number) => members.reduce((total, one) => total + of(one), 0);
  return [
    ...[members.length, how('at once'), how('repeated'), how('another SMS')],
    ...[seconds(times[Math.floor(times.length / 2)] ?? 0), seconds(times.at(-1) ?? 0)],
    ...[sum(({ repeats }) => repeats), sum(({ findings }) => findings)],
  ];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** As Markdown, which is read as well on a terminal: each column as wide as it needs. */
function table(head: readonly string[], rows: readonly Row[]): string {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...all.slice(1).map(line)].join('\n');
}
