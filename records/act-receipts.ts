import type { Database } from '../platform/database.ts';

/** What the receipt of an act shows, encrypted. */
export interface StoredReceipt {
  readonly id: string;
  readonly sealed: string;
}

/** The receipts that a Bearer can still read: of the one act that it did. */
export async function findReceipts(
  db: Pick<Database, 'pool'>,
  tokenDigest: string,
  now: Date,
): Promise<StoredReceipt[]> {
  const { rows } = await db.pool.query<StoredReceipt>({
    name: 'find-act-receipts',
    text: `SELECT id, sealed FROM "ActReceipt" WHERE "tokenDigest" = $1 AND "expiresAt" > $2`,
    values: [tokenDigest, now],
  });
  return rows;
}
