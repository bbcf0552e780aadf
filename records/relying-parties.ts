import type { Acceptance } from '../domain/gateway/shortfall.ts';
import type { Database } from '../platform/database.ts';

/** The columns of a relying party that decide about an identification. */
export interface RelyingPartyRow extends Acceptance {
  readonly id: string;
}

/** Whether there is such a relying party. The operator's command takes effect at once: nothing is kept in memory. */
export async function isRegistered({ pool }: Pick<Database, 'pool'>, id: string): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: 'find-relying-party',
    text: 'SELECT 1 FROM "RelyingParty" WHERE id = $1 AND "removedAt" IS NULL',
    values: [id],
  });
  return rowCount === 1;
}
