import { setTimeout as sleep } from 'node:timers/promises';
import type { Client as Postgres } from 'pg';

/** SMS that the phone has reported as delivered, and those of which it has not. */
export interface SmsCounts {
  readonly delivered: number;
  readonly missing: number;
  /** The states of the latter, with the reasons of those that failed. */
  readonly states?: string | null;
}

/** The product's SMS of one purpose, or of all. */
export const smsCountsOf = (owner: Postgres, purpose?: string) => async (): Promise<SmsCounts> => {
  const { rows } = await owner.query<SmsCounts>(
    `SELECT count(*) FILTER (WHERE delivery = 'delivered')::int AS delivered,
         count(*) FILTER (WHERE delivery <> 'delivered')::int AS missing,
         string_agg(DISTINCT concat_ws(' ', delivery, failure), ', ') FILTER (WHERE delivery <> 'delivered') AS states
       FROM "Text" WHERE purpose = coalesce($1, purpose)`,
    [purpose],
  );
  return rows[0] ?? { delivered: 0, missing: 0 };
};

/**
 * Every SMS has to reach the phone and be reported as delivered: otherwise the work was cheaper than it is. `least`: how
 * many there must be. @throws Error if they are not there within half a minute
 */
export async function untilDelivered(least: number, counts: () => Promise<SmsCounts>): Promise<void> {
  for (const end = Date.now() + 30_000; ; await sleep(200)) {
    const { delivered, missing, states } = await counts();
    if (delivered >= least && missing === 0) return;
    if (Date.now() > end)
      throw new Error(`SMS delivered: ${delivered} of at least ${least}; not: ${missing} (${states ?? ''})`);
  }
}
