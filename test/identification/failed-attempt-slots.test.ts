import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { addressDigest, type LimitName } from '../../api/http/rate-limits.ts';
import { markFailed, releaseSlot } from '../../api/identification/failed-attempt-slots.ts';
import { prepareSignIn } from '../../api/identification/prepare-sign-in.ts';
import { systemClock } from '../../domain/clock.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { signIn } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { policyWith } from '../environment/test-policy.ts';
import { until } from '../environment/waiting.ts';

const failedIdsPerIp = { tries: 2, per: 'P1D' };

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { failedIdsPerIp } });
});
afterAll(() => stack.stop());

interface Place {
  readonly noneLeft: boolean;
  markFailed(): Promise<unknown>;
  release(): Promise<void>;
}
const take = async (
  address: string,
  nationalId = newPersonalData().nationalId,
  uncounted: readonly LimitName[] = [],
): Promise<Place> => {
  const { db, ring } = stack;
  const request = { body: { nationalId }, requestId: randomUUID(), path: '/sessions', uncounted };
  const result = await prepareSignIn(
    { ...request, origin: { address, userAgent: '' } },
    { db, ring, policy: policyWith({ failedIdsPerIp }), clock: systemClock },
  );
  if ('reached' in result) throw new Error('a limit was reached');
  const { slot } = result.prepared;
  if ('noneUntilMs' in slot) return { noneLeft: true, markFailed: async () => {}, release: async () => {} };
  return {
    noneLeft: false,
    markFailed: () => markFailed(db, slot),
    release: () => releaseSlot(db, slot),
  };
};
/** How many of the two places of an address are left. Three: more than there are. */
const placesLeft = async (address: string): Promise<number> => {
  const taken: Place[] = [];
  while (taken.length <= failedIdsPerIp.tries) {
    const place = await take(address);
    if (place.noneLeft) break;
    taken.push(place);
  }
  for (const place of taken) await place.release();
  return taken.length;
};
const anAddress = () => `192.0.2.${randomBytes(8).toString('hex')}`;

test.each<[string, (first: Place, second: Place) => Promise<void>]>([
  [
    'before the first gives its place back',
    async (first, second) => {
      await second.markFailed();
      await first.release();
    },
  ],
  [
    'after the first has given its place back',
    async (first, second) => {
      await first.release();
      await second.markFailed();
    },
  ],
  [
    'with a third that did not fail',
    async (first, second) => {
      await first.markFailed();
      await second.release();
    },
  ],
  [
    'at the same time as the first',
    async (first, second) => {
      await Promise.all([first.markFailed(), second.markFailed()]);
    },
  ],
])('of two tries on one id at once the one that failed keeps the place: %s', async (_when, end) => {
  const address = anAddress();
  const { nationalId } = newPersonalData();
  const [first, second] = [await take(address, nationalId), await take(address, nationalId)];
  expect(await placesLeft(address)).toBe(1);
  await end(first, second);
  expect(await placesLeft(address)).toBe(1);
});

test('of two tries on one id at once, neither of which failed, no place is left taken', async () => {
  const address = anAddress();
  const { nationalId } = newPersonalData();
  const [first, second] = [await take(address, nationalId), await take(address, nationalId)];
  await second.release();
  await first.release();
  expect(await placesLeft(address)).toBe(2);
});

test('of many ids at once no more get a place than there are, whether the limits are counted with it or before', async () => {
  for (const uncounted of [[], ['requests', 'starts'], ['requests']] as const) {
    const address = anAddress();
    const taken = await Promise.all(
      Array.from({ length: 12 }, () => take(address, newPersonalData().nationalId, uncounted)),
    );
    expect(taken.filter(({ noneLeft }) => !noneLeft)).toHaveLength(failedIdsPerIp.tries);
  }
});

test('a try waits for another of its address that takes the last place and is not committed yet', async () => {
  const address = anAddress();
  await take(address);
  const other = new Client({ connectionString: stack.database.appUrl });
  await other.connect();
  await other.query('BEGIN');
  await other.query("SELECT reserve_slot($1, 'another', 2, now() + interval '1 day', now())", [
    addressDigest(stack.ring, address),
  ]);
  const waiting = take(address);
  // Long enough to be answered, if nothing made it wait.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await other.query('COMMIT');
  await other.end();
  expect((await waiting).noneLeft).toBe(true);
});

test('a wrong password that arrives while a right one is compared leaves its mark on the address', async () => {
  const citizen = await activeCitizen(stack);
  const marks = () => queryAsOwner<{ failed: boolean }>(stack, 'SELECT failed FROM "FailedId"');
  const before = (await marks()).length;
  const holder = new Client({ connectionString: stack.database.ownerUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM "Password" WHERE "citizenId" = $1 FOR UPDATE', [citizen.citizenId]);
  const headers = { Forwarded: 'for=192.0.2.200', 'X-Front-End-Key': stack.frontEndKey };
  const right = signIn(stack, citizen, goodPassword, { headers });
  await until(marks, (rows) => rows.length === before + 1);
  const requests = () => stack.db.prisma.request.count();
  const asked = await requests();
  const wrong = signIn(stack, citizen, wrongPassword, { headers });
  await until(requests, (now) => now > asked);
  // The request is recorded just before its slot is reserved, and no lock delays that: it now sees the row of the first.
  await new Promise((resolve) => setTimeout(resolve, 200));
  await holder.end();
  expect([(await right).status, (await wrong).status]).toEqual([201, 401]);
  expect((await marks()).slice(before)).toEqual([{ failed: true }]);
});
