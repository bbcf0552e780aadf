import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createUpkeepActivities, type UpkeepTask } from '../../activities/upkeep.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';
import { policyWith } from '../environment/test-policy.ts';

const policy = policyWith({ upkeep: { batch: 3 } });
const nowMs = Date.now();
const minute = 60_000;
const day = 24 * 60 * minute;
const ago = (ms: number) => new Date(nowMs - ms);

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

const does = async (task: UpkeepTask): Promise<number> =>
  (await new MockActivityEnvironment().run(
    createUpkeepActivities({ db: env.db, policy })[task],
    nowMs,
  )) as number;

const citizen = async () => {
  const act = await env.stageAct();
  await env.citizenActivities.applyRegistration(act);
  return act.citizenId;
};

describe('identifications that nobody ends', () => {
  const identification = async (expiresAtMs: number, createdAtMs: number) => {
    const citizenId = await citizen();
    const id = randomUUID();
    const allowance = randomUUID();
    await env.db.prisma.journey.create({
      data: {
        ...{
          id,
          citizenId,
          kind: 'sign-in',
          proof: 'password',
          tokenDigest: randomUUID(),
          requestId: randomUUID(),
        },
        ...{ startedAt: ago(createdAtMs), expiresAt: ago(expiresAtMs), otpNumber: 1, otpSends: 1 },
      },
    });
    await env.db.prisma.textAllowance.create({ data: { key: allowance, used: 1, endsAt: ago(-day) } });
    await env.db.prisma.text.create({
      data: {
        ...{ id: `${id}/1`, citizenId, journeyId: id, number: 1, allowance, purpose: 'otp.sign-in' },
        ...{ delivery: 'pending', createdAt: ago(createdAtMs) },
      },
    });
    return { id, citizenId, allowance };
  };
  const rowOf = (id: string) => env.db.prisma.journey.findUniqueOrThrow({ where: { id } });

  test('have timed out at their expiry, in the trail too; those that go on are left alone', async () => {
    const expired = await Promise.all(Array.from({ length: 4 }, () => identification(minute, 31 * minute)));
    const open = await identification(-minute, 1_000);
    expect(await does('endExpiredIdentifications')).toBe(4);
    for (const { id, citizenId } of expired) {
      expect(await rowOf(id)).toMatchObject({ outcome: 'timed-out', finishedAt: ago(minute) });
      expect(await env.trail(citizenId)).toContain('journey-finished');
    }
    expect(await rowOf(open.id)).toMatchObject({ outcome: null });
    expect(await does('endExpiredIdentifications')).toBe(0);
  });

  test('get back a code that the process did not send before it died, a minute after its row', async () => {
    await does('failUnsentOtps');
    const unsent = await identification(-minute, 2 * minute);
    const underWay = await identification(-minute, 1_000);
    expect(await does('failUnsentOtps')).toBe(1);
    expect(await rowOf(unsent.id)).toMatchObject({ otpSends: 0 });
    const text = (id: string) => env.db.prisma.text.findUniqueOrThrow({ where: { id: `${id}/1` } });
    expect(await text(unsent.id)).toMatchObject({ delivery: 'failed', failure: 'process-died' });
    expect(await text(underWay.id)).toMatchObject({ delivery: 'pending' });
    const { used } = await env.db.prisma.textAllowance.findUniqueOrThrow({
      where: { key: unsent.allowance },
    });
    expect(used).toBe(0);
    expect(await env.trail(unsent.citizenId)).toContain('otp-not-sent');
    expect(await does('failUnsentOtps')).toBe(0);
  });
});
