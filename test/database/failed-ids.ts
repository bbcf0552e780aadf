import { addressDigest } from '../../api/http/rate-limits.ts';
import type { Stack } from '../environment/stack.ts';
import { queryAsOwner } from './rows.ts';

/**
 * Takes all places of an IPv4 address for national ids on which it may fail, as a stranger does who fails on enough ids. The
 * returned function gives them back. `ring`: that of the API that is asked.
 */
export async function fillFailedIds(
  stack: Pick<Stack, 'database' | 'policy' | 'ring'>,
  address: string,
  ring = stack.ring,
): Promise<() => Promise<void>> {
  const digest = addressDigest(ring, address);
  await queryAsOwner(
    stack,
    `INSERT INTO "FailedId" (address, id, failed, "endsAt")
     SELECT $1, 'stranger-' || number, true, now() + interval '1 day' FROM generate_series(1, $2::int) AS number`,
    [digest, stack.policy.failedIdsPerIp.max],
  );
  return async () => {
    await queryAsOwner(stack, `DELETE FROM "FailedId" WHERE address = $1 AND id LIKE 'stranger-%'`, [digest]);
  };
}
