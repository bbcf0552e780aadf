import { canonicalEmail } from '../../domain/identity/email.ts';
import type { Queries } from '../../platform/database.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/**
 * Counts an attempt with data that match no citizen as the workflow counts a wrong activation code: more attempts than a
 * code tolerates block it. Rows are keyed by a 24-bit digest of national id and email, so that there are at most 16.7
 * million of them and none identifies the data. The counts under all keys of the ring are merged, so that a key rotation
 * does not distinguish decoys from real codes. `increment` is 0 for an attempt that has been counted already. Returns whether
 * the decoy code is blocked.
 */
export async function countDecoyAttempt(
  db: Pick<Queries, '$queryRaw'>,
  { ring, policy }: Pick<ApiDependencies, 'ring' | 'policy'>,
  { nationalId, email }: { nationalId: string; email: string },
  increment: 0 | 1 = 1,
): Promise<boolean> {
  const { tolerated } = policy.activationCode;
  const [bucket, ...others] = ring
    .fingerprints('decoy', [nationalId, canonicalEmail(email)])
    .map(({ digest }) => Buffer.from(digest, 'base64url').readUIntBE(0, 3));
  // EXCLUDED.wrong already includes the increment: subtract it, take the larger count, then add it once.
  const [row] = await db.$queryRaw<{ wrong: number }[]>`
    WITH otherKeys AS (SELECT coalesce(max(wrong), 0) AS wrong FROM "DecoyCode" WHERE bucket = ANY(${others}::int[]))
    INSERT INTO "DecoyCode" AS decoy (bucket, wrong, "updatedAt")
      SELECT ${bucket}::int, LEAST(otherKeys.wrong + ${increment}::int, ${tolerated + 1}::int), now() FROM otherKeys
    ON CONFLICT (bucket) DO UPDATE SET "updatedAt" = now(),
      wrong = LEAST(GREATEST(decoy.wrong, EXCLUDED.wrong - ${increment}::int) + ${increment}::int, ${tolerated + 1}::int)
    RETURNING wrong`;
  return (row?.wrong ?? 0) > tolerated;
}
