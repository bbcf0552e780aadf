import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Level } from '../../domain/assurance.ts';
import { lengthMs } from '../../domain/durations.ts';
import { identificationRequests } from '../../domain/limits.ts';
import type { Failure, Protocol } from './identification-request.ts';

/** How a request ended. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly level: Level; readonly means: string }
  | { readonly kind: Failure };

const abandonedAfterMinutes = lengthMs(identificationRequests.abandonedAfter) / 60_000;

/** Rows of one statement. */
const batchSize = 1_000;

/**
 * The id of the row of a request: a UUID made of its opaque id, so that the row alone leads to no page.
 */
export function requestRowId(id: string): string {
  const hex = createHash('sha256').update(`identification-request:${id}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** A request that a relying party has started. */
export interface StartedRequest {
  readonly id: string;
  readonly relyingPartyId: string;
  readonly protocol: Protocol;
  readonly floor: Level;
}

/** What a protocol writes of the end of a request: a statement that returns a row if it was the first. */
export interface EndOfProtocol {
  /** Of the prepared statement. */
  readonly name: string;
  /** `first`: the number of its first parameter. */
  readonly text: (first: number) => string;
  readonly values: readonly unknown[];
  /** What is written with it, if it was the first: a statement that selects from `ended`. Numbered as `text`. */
  readonly also?: (first: number) => string;
}

/**
 * Ends a request, together with what its protocol writes, in one statement. Only the first end counts, whatever runs at once.
 * Returns whether the row of the request was written.
 */
export async function endRequest(
  db: Pick<Pool, 'query'>,
  id: string,
  outcome: Outcome,
  { name, text, values, also }: EndOfProtocol,
): Promise<boolean> {
  const { level, means } = outcome.kind === 'succeeded' ? outcome : { level: null, means: null };
  const { rowCount } = await db.query({
    name,
    text: `
      WITH ended AS (${text(5)})${also ? `, also AS (${also(5)})` : ''}
      UPDATE "IdentificationRequest" SET outcome = $2, level = $3, means = $4, "finishedAt" = now()
      WHERE id = $1::uuid AND outcome IS NULL AND EXISTS (SELECT 1 FROM ended)`,
    values: [requestRowId(id), outcome.kind, level, means, ...values],
  });
  return rowCount === 1;
}

/**
 * The statement that writes that a relying party has started a request: a part of the one that stores the request. The row names
 * no person ([R15] IV.4). `first`: the number of its first parameter.
 */
export const insertRequest = (first: number): string => `
  INSERT INTO "IdentificationRequest" (id, "relyingPartyId", protocol, floor)
  VALUES ($${first}::uuid, $${first + 1}, $${first + 2}, $${first + 3}) ON CONFLICT (id) DO NOTHING`;

/** Its parameters. */
export const valuesOfRequest = ({ id, relyingPartyId, protocol, floor }: StartedRequest): string[] => [
  requestRowId(id),
  relyingPartyId,
  protocol,
  floor,
];

/**
 * Writes that requests were not finished in time, which nobody has told us: the citizen has closed the page. Such a request can
 * still be ended to lead a late citizen back, but its row keeps this outcome. A batch at a time: one statement over all that
 * a flood has left would be cancelled, every minute anew. `onEnd` gets the relying party of each; of several processes one does.
 */
export async function endAbandoned(
  db: Pick<Pool, 'query'>,
  protocol: Protocol,
  onEnd: (relyingPartyId: string) => void,
): Promise<void> {
  for (let ended = batchSize; ended === batchSize; ) {
    const { rows } = await db.query<{ relyingPartyId: string }>({
      name: 'end-abandoned-identification-requests',
      // Materialized: chosen once, and not again for each row.
      text: `
        WITH due AS MATERIALIZED (
          SELECT id FROM "IdentificationRequest"
          WHERE outcome IS NULL AND protocol = $1
            AND "startedAt" BETWEEN now() - interval '2 days' AND now() - $2 * interval '1 minute'
          ORDER BY "startedAt" LIMIT $3 FOR UPDATE SKIP LOCKED)
        UPDATE "IdentificationRequest" SET outcome = 'timed-out', "finishedAt" = now()
        WHERE id IN (SELECT id FROM due)
        RETURNING "relyingPartyId"`,
      values: [protocol, abandonedAfterMinutes, batchSize],
    });
    for (const { relyingPartyId } of rows) onEnd(relyingPartyId);
    ended = rows.length;
  }
}
