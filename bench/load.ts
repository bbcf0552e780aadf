import { UnexpectedStatus } from '../client/client.ts';
import { say } from './report.ts';

/** What came of a round of load. */
export interface Load {
  readonly perSecond: number;
  /** Of each piece of work (ms), in the order in which they were done. */
  readonly tookMs: readonly number[];
  /** Pieces of work that were refused with 503. */
  readonly refused: number;
}

/**
 * A closed loop: `callers` callers, each of which begins the next piece of work as soon as the last one is done, for `ms` or
 * until `count` pieces are begun. Work that is under way at the end is finished and counted, with the time that it took; work that is refused with 503 is
 * printed and not counted in the rate.
 */
export async function closedLoop(
  { callers, ...end }: { callers: number } & ({ ms: number } | { count: number }),
  work: (caller: number) => Promise<unknown>,
): Promise<Load> {
  const tookMs: number[] = [];
  let refused = 0;
  let begun = 0;
  const startedAt = performance.now();
  const isOver = () => ('ms' in end ? performance.now() - startedAt >= end.ms : begun >= end.count);
  const caller = async (_: unknown, number: number): Promise<void> => {
    while (!isOver()) {
      begun += 1;
      const begunAt = performance.now();
      try {
        await work(number);
        tookMs.push(performance.now() - begunAt);
      } catch (error) {
        if (!(error instanceof UnexpectedStatus && error.status === 503)) throw error;
        refused += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  if (refused > 0)
    say(
      `  … ${refused} of ${tookMs.length + refused} refused: the machine is too slow for ${callers} callers`,
    );
  return { perSecond: (tookMs.length * 1_000) / (performance.now() - startedAt), tookMs, refused };
}
