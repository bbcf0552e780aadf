import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Level } from '../../domain/assurance.ts';
import type { Failure, Protocol } from './identification-request.ts';

/** How a request ended. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly level: Level; readonly means: string }
  | { readonly kind: Failure };

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

/** Writes that a relying party has started a request. The row names no person ([R15] IV.4). */
export async function logRequest(
  db: Pick<Pool, 'query'>,
  {
    id,
    relyingPartyId,
    protocol,
    floor,
  }: { id: string; relyingPartyId: string; protocol: Protocol; floor: Level },
): Promise<void> {
  await db.query({
    name: 'insert-identification-request',
    text: `
      INSERT INTO "IdentificationRequest" (id, "relyingPartyId", protocol, floor)
      VALUES ($1::uuid, $2, $3, $4) ON CONFLICT (id) DO NOTHING`,
    values: [requestRowId(id), relyingPartyId, protocol, floor],
  });
}
