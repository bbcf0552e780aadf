import { canonicalEmail } from '../../domain/identity/email.ts';
import type { Queries } from '../../platform/database.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/**
 * Counts a wrong entry under data that match nobody, as the workflow counts one of a citizen: after as many as a code
 * tolerates, it is blocked. Rows lie under a 24-bit digest of id and email together: whatever strangers enter, there
 * are at most 16.7 million of them, and none says which data it was. What was counted under another key of the ring
 * counts on, so that a change of key does not tell these from real codes. `step` is 0 for an entry that has been counted
 * already. Returns whether it is blocked.
 */
export async function countDecoyAttempt(
  db: Pick<Queries, '$queryRaw'>,
  { ring, policy }: Pick<ApiDependencies, 'ring' | 'policy'>,
  { nationalId, email }: { nationalId: string; email: string },
  step: 0 | 1 = 1,
): Promise<boolean> {
  const { tries } = policy.activationCode;
  const [bucket, ...others] = ring
    .fingerprints('decoy', [nationalId, canonicalEmail(email)])
    .map(({ digest }) => Buffer.from(digest, 'base64url').readUIntBE(0, 3));
  const [row] = await db.$queryRaw<{ wrong: number }[]>`
    WITH other AS (SELECT coalesce(max(wrong), 0) AS wrong FROM "DecoyCode" WHERE bucket = ANY(${others}::int[]))
    INSERT INTO "DecoyCode" AS decoy (bucket, wrong, "updatedAt")
      SELECT ${bucket}::int, LEAST(other.wrong + ${step}::int, ${tries + 1}::int), now() FROM other
    ON CONFLICT (bucket) DO UPDATE SET "updatedAt" = now(),
      wrong = LEAST(GREATEST(decoy.wrong, EXCLUDED.wrong - ${step}::int) + ${step}::int, ${tries + 1}::int)
    RETURNING wrong`;
  return (row?.wrong ?? 0) > tries;
}
