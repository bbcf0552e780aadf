import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createUpkeepActivities, type UpkeepTask } from '../../activities/upkeep.ts';
import { countDecoyAttempt } from '../../api/citizens/decoys.ts';
import type { ApiDependencies } from '../../api/http/dependencies.ts';
import { prepareSignIn } from '../../api/identification/prepare-sign-in.ts';
import { setAuditRetention } from '../../prisma/grants.ts';
import { queryAsOwner } from '../database/rows.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';
import { policyWith } from '../environment/test-policy.ts';

const nowMs = Date.now();
const day = 24 * 60 * 60_000;

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

async function does(
  chore: UpkeepTask,
  policy = policyWith({}),
): Promise<{ removed: number; heartbeats: number }> {
  const activity = new MockActivityEnvironment();
  let heartbeats = 0;
  activity.on('heartbeat', () => {
    heartbeats += 1;
  });
  const removed = (await activity.run(
    createUpkeepActivities({ db: env.db, policy })[chore],
    nowMs,
  )) as number;
  return { removed, heartbeats };
}
const times = <Result>(count: number, make: (index: number) => Result): Result[] =>
  Array.from({ length: count }, (_, index) => make(index));
const count = async (table: string): Promise<number> => {
  const [row] = await queryAsOwner<{ n: number }>(env, `SELECT count(*)::int AS n FROM "${table}"`);
  return row?.n ?? 0;
};

describe('thousands of strangers', () => {
  test('leave a bounded number of rows, and none once their time is over', async () => {
    const counting = policyWith({ failedIdsPerIp: { tries: 3, per: 'P1D' } });
    const { db, ring } = env;
    const clock = { now: () => nowMs - 2 * day };
    const about = { db, ring, policy: counting, clock } as unknown as ApiDependencies;
    // Four networks of 500 addresses each, within one /48; each tries an id of its own.
    const addresses = times(2_000, (index) => `2001:db8:0:${index % 4}::${index.toString(16)}`);
    for (const part of times(200, (index) => addresses.slice(index * 10, index * 10 + 10)))
      await Promise.all(
        part.map(async (address, index) => {
          const origin = { address, userAgent: '' };
          const [requestId, nationalId] = [randomUUID(), `${address}${index}`];
          const body = { nationalId };
          await prepareSignIn({ body, requestId, path: '/sessions', origin, uncounted: ['starts'] }, about);
          const entry = { nationalId, email: 'nobody@example.org' };
          await countDecoyAttempt(db.prisma, about, entry);
        }),
      );
    expect(await count('limiter_row')).toBe(4 + 1);
    expect(await count('FailedId')).toBeLessThanOrEqual(4 * 3);
    const decoys = await count('DecoyCode');
    expect(decoys).toBeGreaterThan(1_900);
    expect(decoys).toBeLessThanOrEqual(2_000);

    await queryAsOwner(env, `UPDATE "DecoyCode" SET "updatedAt" = now() - interval '2 years'`);
    await queryAsOwner(env, `UPDATE limiter_row SET expire = expire - 86400000`);
    const many = policyWith({ upkeep: { batch: 600 } });
    expect((await does('removeFailedIds', many)).removed).toBeLessThanOrEqual(12);
    expect(await does('removeLimiterRows', many)).toEqual({ removed: 4 + 1, heartbeats: 1 });
    expect((await does('removeDecoys', many)).heartbeats).toBe(4);
    for (const table of ['limiter_row', 'FailedId', 'DecoyCode']) expect(await count(table)).toBe(0);
  });
});

test('the requests of relying parties go when the trail would, and the application cannot take them away', async () => {
  await setAuditRetention(env.database.ownerUrl, { events: 'P5Y', requests: 'P2D' });
  for (const ageMs of [6 * 366 * day, 4 * 365 * day])
    await queryAsOwner(
      env,
      `INSERT INTO "IdentificationRequest" (id, "relyingPartyId", protocol, floor, "startedAt")
       VALUES (gen_random_uuid(), 'party', 'oidc', 'low', $1)`,
      [new Date(nowMs - ageMs)],
    );
  expect((await does('destroyDueIdentificationRequests')).removed).toBe(1);
  expect(await count('IdentificationRequest')).toBe(1);
  await expect(env.db.pool.query('DELETE FROM "IdentificationRequest"')).rejects.toThrow(/denied/);
});
