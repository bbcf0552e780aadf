import { setTimeout as sleep } from 'node:timers/promises';
import { type Disagreement, disagreements } from './discrepancies.ts';
import { type Mending, mend } from './repair.ts';
import { again, type Found, survey } from './scan.ts';

/** What was found, what of it was mended, and what is left for people. */
export interface Reconciled {
  readonly found: readonly Found[];
  readonly mended: readonly Found[];
  readonly left: readonly Found[];
}

export interface How {
  /** Which are to be brought together, where that can be done. */
  mends(disagreement: Disagreement): boolean;
  /** Gets a line for each, with ids only. */
  say(line: string): void;
  readonly pauseMs?: number;
}

/** What is only under way is over by then: a journey's end is written within seconds. */
const secondLookAfterMs = 5_000;

/**
 * Compares PostgreSQL and Temporal, citizen by citizen, while the service runs; looks a second time at what differs; and
 * brings together what it is asked to.
 */
export async function reconcile(
  mending: Mending,
  { mends, say, pauseMs = secondLookAfterMs }: How,
): Promise<Reconciled> {
  const first = await survey(mending);
  if (first.length > 0) await sleep(pauseMs);
  const found = first.length > 0 ? await again(mending, first) : [];
  const mended: Found[] = [];
  for (const one of found) {
    const isMended = mends(one.disagreement) && (await mendIfStill(one, mending));
    if (isMended) mended.push(one);
    say(inWords(one, isMended));
  }
  return { found, mended, left: found.filter((one) => !mended.includes(one)) };
}

/** Since it was found, an act may have come that has brought both together, or the citizen. */
async function mendIfStill(found: Found, mending: Mending): Promise<boolean> {
  const [still] = await again(mending, [found]);
  return still !== undefined && mend(still, mending);
}

const inWords = ({ citizenId, disagreement, journeyId }: Found, isMended: boolean): string =>
  [
    `citizen=${citizenId}`,
    ...(journeyId ? [`journey=${journeyId}`] : []),
    disagreement,
    isMended ? 'mended' : `what helps: ${disagreements[disagreement]}`,
  ].join('  ');
