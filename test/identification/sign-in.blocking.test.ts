import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPasswordAttempts } from '../../api/identification/password-attempts.ts';
import { systemClock } from '../../domain/clock.ts';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { createPasswordHasher, type PasswordHasher } from '../../platform/hashing.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { lookUp } from '../actors/office.ts';
import { unlessCut, withoutRetries } from '../actors/request.ts';
import {
  blockPassword,
  countSmsMessages,
  currentSession,
  newSession,
  signIn,
  signInSubstantial,
} from '../actors/sessions.ts';
import { replacePassword } from '../database/row-locks.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true, policy: { failedIdsPerIp: { tries: 10_000, per: 'P1D' } } });
});
afterAll(() => stack.stop());

const passwordOf = ({ citizenId }: Citizen) =>
  stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
const refusals = async ({ citizenId }: Citizen, reason: string): Promise<number> => {
  const rows = await queryAsOwner<{ count: number }>(
    stack,
    `SELECT count(*)::int AS count FROM "AuditEvent"
     WHERE "citizenId" = $1 AND type = 'sign-in-refused' AND detail->>'reason' = $2`,
    [citizenId, reason],
  );
  return rows[0]?.count ?? 0;
};
const blockedAttribute = async ({ citizenId }: Citizen): Promise<readonly unknown[]> => {
  const { searchAttributes } = await stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).describe();
  return searchAttributes['Blocked'] ?? [];
};
const isSaidBlocked = (citizen: Citizen) =>
  until(
    () => blockedAttribute(citizen),
    (blocked) => blocked.includes('password'),
  );
const blockNotice = 'se ha bloqueado por demasiados intentos';

describe('failed sign-ins', () => {
  test('five are tolerated: a right one sets the count back, and five more are', async () => {
    const citizen = await activeCitizen(stack);
    for (let round = 0; round < 2; round += 1) {
      for (let failure = 0; failure < 5; failure += 1)
        expect((await signIn(stack, citizen, wrongPassword)).status).toBe(401);
      expect((await passwordOf(citizen)).failuresInARow).toBe(5);
      expect((await signIn(stack, citizen)).status).toBe(201);
      expect((await passwordOf(citizen)).failuresInARow).toBe(0);
    }
    expect((await passwordOf(citizen)).blockedAt).toBeNull();
  });

  test('a sixth in a row blocks: no sign-in succeeds, sessions end, one SMS message reports it, operators see it', async () => {
    const citizen = await activeCitizen(stack);
    const tokens = [await newSession(stack, citizen), await newSession(stack, citizen)];
    await blockPassword(stack, citizen);
    for (const token of tokens) expect((await currentSession(stack, token)).status).toBe(401);
    expect(await stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
    for (const assurance of ['basic', 'substantial'] as const)
      expect(await signIn(stack, citizen, goodPassword, { assurance })).toMatchObject({
        status: 401,
        body: { code: 'sign-in-refused' },
      });
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'active',
      blocked: ['password'],
    });
    await isSaidBlocked(citizen);
    await signIn(stack, citizen, wrongPassword);
    await until(
      () => countSmsMessages(citizen, blockNotice),
      (notices) => notices > 0,
    );
    expect(countSmsMessages(citizen, blockNotice)).toBe(1);
    expect((await passwordOf(citizen)).blockToldAt).not.toBeNull();
  });

  test('a reset with the code opens a blocked account again', async () => {
    const citizen = await activeCitizen(stack);
    await blockPassword(stack, citizen);
    await citizen.activateOrReset(otherPassword);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.blocked).toEqual([]);
  });

  test('a new registration act lifts the block, with the old password; a further block sends a further SMS message', async () => {
    const citizen = await activeCitizen(stack);
    for (const notices of [1, 2]) {
      await blockPassword(stack, citizen);
      await isSaidBlocked(citizen);
      await until(
        () => countSmsMessages(citizen, blockNotice),
        (now) => now === notices,
      );
      await citizen.register();
      expect((await signIn(stack, citizen)).status).toBe(201);
      expect((await lookUp(stack, citizen)).body.blocked).toEqual([]);
    }
  });

  test('of two hundred at once six are compared, the rest are refused, and the right password opens nothing', async () => {
    const citizen = await activeCitizen(stack);
    const bystander = await activeCitizen(stack);
    const flood = Array.from({ length: 200 }, () =>
      unlessCut(signIn(withoutRetries(stack), citizen, wrongPassword)),
    );
    const meanwhile = await signIn(stack, bystander);
    const statuses = (await Promise.all(flood)).flatMap((reply) => reply?.status ?? []);
    expect(new Set([...statuses, 401, 503])).toEqual(new Set([401, 503]));
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(6);
    expect(meanwhile.status).toBe(201);
    expect(await refusals(citizen, 'wrong-password')).toBe(6);
    expect(await passwordOf(citizen)).toMatchObject({ failuresInARow: 6, blockedAt: expect.anything() });
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, bystander)).status).toBe(201);
  });

  test('are six comparisons on several processes as on one', async () => {
    const citizen = await activeCitizen(stack);
    const { db, ring, policy } = stack;
    const process = () =>
      createPasswordAttempts({ db, hasher: createPasswordHasher(ring), policy, clock: systemClock });
    const candidate = normalisePassword(wrongPassword);
    const tries = [process(), process()].flatMap((passwordTries) =>
      Array.from({ length: 10 }, () =>
        passwordTries.attempt(
          { citizenId: citizen.citizenId, candidate, attemptId: randomUUID(), requestId: randomUUID() },
          async () => 'right',
        ),
      ),
    );
    const tried = await Promise.all(tries);
    expect(tried.filter((one) => one.kind === 'refused' && one.blocked)).toHaveLength(1);
    expect(await refusals(citizen, 'wrong-password')).toBe(6);
    expect(await refusals(citizen, 'blocked')).toBe(14);
    expect((await passwordOf(citizen)).failuresInARow).toBe(6);
  });

  test('of an unknown id follow one another on several processes as well', async () => {
    const { db, ring, policy } = stack;
    let [busy, most] = [0, 0];
    const watched = (hasher: PasswordHasher): PasswordHasher => ({
      ...hasher,
      enqueue: (work) =>
        hasher.enqueue((hashing) =>
          work({
            ...hashing,
            async matches(...compared) {
              busy += 1;
              most = Math.max(most, busy);
              return hashing.matches(...compared).finally(() => {
                busy -= 1;
              });
            },
          }),
        ),
    });
    const process = () =>
      createPasswordAttempts({ db, hasher: watched(createPasswordHasher(ring)), policy, clock: systemClock });
    const [unknownId, candidate] = [randomUUID(), normalisePassword(wrongPassword)];
    const tries = [process(), process(), process()].flatMap((passwordTries) =>
      Array.from({ length: 4 }, () =>
        passwordTries.attempt(
          { citizenId: unknownId, candidate, attemptId: randomUUID(), requestId: randomUUID() },
          async () => 'right',
        ),
      ),
    );
    expect((await Promise.all(tries)).map(({ kind }) => kind)).toEqual(Array(12).fill('refused'));
    expect(most).toBe(1);
  });

  test('five wrong and many right at once never block', async () => {
    const citizen = await activeCitizen(stack);
    const tries = [1, 2, 3, 4, 5].flatMap(() => [
      signIn(stack, citizen, wrongPassword),
      signIn(stack, citizen),
    ]);
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect((await passwordOf(citizen)).blockedAt).toBeNull();
  });

  test('a new password that waits for the transaction that sets it signs in, and the former one does not', async () => {
    const citizen = await activeCitizen(stack);
    const next = await createPasswordHasher(stack.ring).hash(normalisePassword(otherPassword));
    const setting = await replacePassword(stack, citizen.citizenId, next);
    const waiting = signIn(withoutRetries(stack), citizen, otherPassword);
    await setting.untilWaitedFor();
    await setting.commit();
    expect((await waiting).status).toBe(201);
    expect((await signIn(stack, citizen)).status).toBe(401);
  });

  test('ten right ones at once are ten sessions', async () => {
    const citizen = await activeCitizen(stack);
    const replies = await Promise.all(Array.from({ length: 10 }, () => signIn(stack, citizen)));
    expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(new Set(replies.map(({ body }) => body.session.token)).size).toBe(10);
  });

  test('a right sign-in that is to be confirmed by SMS sets the count back as well', async () => {
    const citizen = await activeCitizen(stack);
    for (let failure = 0; failure < 5; failure += 1) await signIn(stack, citizen, wrongPassword);
    await signInSubstantial(stack, citizen);
    expect((await passwordOf(citizen)).failuresInARow).toBe(0);
  });

  test('a block whose message to the workflow was lost is delivered in the next round', async () => {
    const citizen = await activeCitizen(stack);
    await stack.stopWorkers();
    await until(
      () => stack.readiness.state.worker,
      (isThere) => !isThere,
    );
    await blockPassword(stack, citizen);
    expect((await passwordOf(citizen)).blockToldAt).toBeNull();
    await stack.startWorkers();
    await isSaidBlocked(citizen);
    await until(
      () => countSmsMessages(citizen, blockNotice),
      (notices) => notices === 1,
    );
  });
});
