import type { ProcessName } from '../local/fleet/process-names.ts';
import type { Load } from './load.ts';
import { processorMs } from './processor-time.ts';
import { formatSpread } from './report.ts';
import {
  alternately,
  compareRounds,
  type Pair,
  type RoundComparison,
  type Spread,
  spreadOf,
} from './rounds.ts';
import type { Service } from './service.ts';

/** Processes by name. */
export type Pids = Readonly<Record<string, number>>;
/** What one piece of work uses of the processors (ms), by process. */
export type Used = Readonly<Record<string, Spread>>;

/** One of the two that are compared. */
export interface Contender<Its extends Load = Load> {
  /** Loads it for so long. */
  load(ms: number): Promise<Its>;
  /** The processes that work for it. */
  readonly pids: Pids;
}

export interface Comparison {
  readonly rates: RoundComparison;
  readonly used: Pair<Used>;
}

export interface Timing {
  readonly rounds: number;
  readonly ms: number;
  /** Compiled, connected, cached: before anything is measured. */
  readonly warmUpMs: number;
}

/** The command-line options of a comparison: `--callers 8,32 --rounds 3 --seconds 5 --profile api`. */
export const comparisonOptions = ({ callers, seconds }: { callers: string; seconds: string }) =>
  ({
    callers: { type: 'string', default: callers },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: seconds },
    'warm-up': { type: 'string', default: seconds },
    profile: { type: 'string' },
  }) as const;

/** Which process is to leave a profile, and where. */
export const profileFrom = ({ profile }: { profile?: string | undefined }) =>
  profile ? { part: profile as ProcessName | 'gateway', folder: '.cache/bench' } : undefined;

/** @throws RangeError for fewer than three rounds: a median of two is none */
export function timingFrom(values: { rounds: string; seconds: string; 'warm-up': string }): Timing {
  const rounds = Number(values.rounds);
  if (!(rounds >= 3)) throw new RangeError('at least three rounds');
  return { rounds, ms: Number(values.seconds) * 1_000, warmUpMs: Number(values['warm-up']) * 1_000 };
}

/** Warms both sides up, then measures them in turn. `loads` is what each round of either was. */
export async function compare<Its extends Load>(
  sides: Pair<Contender<Its>>,
  { rounds, ms, warmUpMs }: Timing,
): Promise<Comparison & { readonly loads: readonly Pair<Its>[] }> {
  const measure =
    ({ load, pids }: Contender<Its>) =>
    async () => {
      const processes = Object.entries(pids);
      const before = processes.map(([, pid]) => processorMs(pid));
      const its = await load(ms);
      const used = processes.map(
        ([name, pid], index) =>
          [name, (processorMs(pid) - (before[index] ?? 0)) / its.tookMs.length] as const,
      );
      return { its, used: Object.fromEntries(used) as Readonly<Record<string, number>> };
    };
  await sides.baseline.load(warmUpMs);
  await sides.product.load(warmUpMs);
  const pairs = await alternately(rounds, measure(sides.baseline), measure(sides.product));
  const usedBy = (side: keyof Pair<unknown>): Used =>
    Object.fromEntries(
      Object.keys(sides[side].pids).map((name) => [
        name,
        spreadOf(pairs.map((pair) => pair[side].used[name] ?? 0)),
      ]),
    );
  return {
    rates: compareRounds(
      pairs.map(({ baseline, product }) => ({
        baseline: baseline.its.perSecond,
        product: product.its.perSecond,
      })),
    ),
    used: { baseline: usedBy('baseline'), product: usedBy('product') },
    loads: pairs.map(({ baseline, product }) => ({ baseline: baseline.its, product: product.its })),
  };
}

export const formatUsed = (used: Used): string =>
  Object.entries(used)
    .map(([name, ms]) => `${name} ${formatSpread(ms)}`)
    .join(', ');

export const pidsOf = (service: Pick<Service, 'pidOf'>, ...parts: (ProcessName | 'gateway')[]): Pids =>
  Object.fromEntries(parts.map((part) => [part, service.pidOf(part)]));
