import type { Level, Means } from '../../domain/assurance.ts';
import type { Proven, Shortfall } from '../../domain/gateway/shortfall.ts';
import type { Database } from '../../platform/database.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import type { Reply } from '../http/route.ts';

/** A row of `Identification`, as far as it is answered. */
export interface IdentificationRow {
  readonly id: string;
  readonly level: Level;
  readonly means: Means;
  readonly expiresAt: Date;
}

/** The id of the identification that a request writes: derived, so that its repetition finds it. */
export const identificationId = (randomness: ResponseRandomness): string => randomness.uuid('identification');

export const identifiedReply = ({ id, level, means, expiresAt }: IdentificationRow): Reply => ({
  status: 201,
  body: { identificationId: id, level, means, expiresAt: expiresAt.toISOString() },
});

/** What was proved is less than what the relying party accepts, or asked for. */
export const notReached = (proven: Proven, missing: readonly Shortfall[]): Reply => ({
  problem: 'level-not-reached',
  extra: { ...proven, missing },
});

/** The reply to a request whose effect an earlier attempt has had. */
export async function replyIfIdentified(
  randomness: ResponseRandomness,
  { db }: { readonly db: Pick<Database, 'pool'> },
): Promise<Reply | undefined> {
  const { rows } = await db.pool.query<IdentificationRow>({
    name: 'find-identification-to-party',
    text: 'SELECT id, level, means, "expiresAt" FROM "Identification" WHERE id = $1::uuid',
    values: [identificationId(randomness)],
  });
  return rows[0] && identifiedReply(rows[0]);
}
