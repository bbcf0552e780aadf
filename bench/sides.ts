import type { Part } from '../test/processes/parts.ts';
import type { Load } from './load.ts';
import { processorMs } from './processor-time.ts';
import { alternately, type Compared } from './rounds.ts';
import type { Service } from './service.ts';

/** Processes by name. */
export type Pids = Readonly<Record<string, number>>;
/** What one piece of work uses of the processors (ms), by process. */
export type Used = Readonly<Record<string, number>>;

/** One of the two that are compared. */
export interface Side {
  /** Loads it for so long. */
  load(ms: number): Promise<Load>;
  /** The processes that work for it. */
  readonly pids: Pids;
}

export interface SidesCompared {
  readonly rates: Compared;
  readonly used: { readonly floor: Used; readonly product: Used };
}

export interface Timing {
  readonly rounds: number;
  readonly ms: number;
  /** Compiled, connected, cached: before anything is measured. */
  readonly warmUpMs: number;
}

/** What a comparison can be told on its command line: `--callers 8,32 --rounds 3 --seconds 5 --profile api`. */
export const comparing = ({ callers, seconds }: { callers: string; seconds: string }) =>
  ({
    callers: { type: 'string', default: callers },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: seconds },
    'warm-up': { type: 'string', default: seconds },
    profile: { type: 'string' },
  }) as const;

/** Which process is to leave a profile, and where. */
export const profileFrom = ({ profile }: { profile?: string | undefined }) =>
  profile ? { part: profile as Part, folder: '.cache/bench' } : undefined;

export const timingFrom = (values: { rounds: string; seconds: string; 'warm-up': string }): Timing => ({
  rounds: Number(values.rounds),
  ms: Number(values.seconds) * 1_000,
  warmUpMs: Number(values['warm-up']) * 1_000,
});

/** Warms both sides up, sees what each uses, then measures them in turn. */
export async function compare(
  { floor, product }: { floor: Side; product: Side },
  { rounds, ms, warmUpMs }: Timing,
): Promise<SidesCompared> {
  const using = async ({ load, pids }: Side): Promise<Used> => {
    await load(warmUpMs);
    const before = Object.entries(pids).map(([name, pid]) => [name, pid, processorMs(pid)] as const);
    const { tookMs } = await load(ms);
    return Object.fromEntries(
      before.map(([name, pid, usedMs]) => [name, (processorMs(pid) - usedMs) / tookMs.length]),
    );
  };
  const used = { floor: await using(floor), product: await using(product) };
  const rate =
    ({ load }: Side) =>
    async () =>
      (await load(ms)).perSecond;
  return { used, rates: await alternately(rounds, rate(floor), rate(product)) };
}

export const usedInWords = (used: Used): string =>
  Object.entries(used)
    .map(([name, ms]) => `${name} ${ms.toFixed(1)}`)
    .join(', ');

export const pidsOf = (service: Pick<Service, 'pidOf'>, ...parts: Part[]): Pids =>
  Object.fromEntries(parts.map((part) => [part, service.pidOf(part)]));
