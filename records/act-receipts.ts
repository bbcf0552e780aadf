import type { Database } from '../platform/database.ts';

/** What the receipt of an act shows, encrypted. */
export interface StoredReceipt {
  readonly id: string;
  readonly sealed: string;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Finds a receipt that can still be read, for the Bearer that did the act. */
export async function findReceipt(
  db: Pick<Database, 'pool'>,
  id: string,
  tokenDigest: string,
  now: Date,
): Promise<StoredReceipt | undefined> {
  if (!uuid.test(id)) return undefined;
  const { rows } = await db.pool.query<StoredReceipt>({
    name: 'find-act-receipt',
    text: `SELECT id, sealed FROM "ActReceipt" WHERE id = $1::uuid AND "tokenDigest" = $2 AND "expiresAt" > $3`,
    values: [id, tokenDigest, now],
  });
  return rows[0];
}
