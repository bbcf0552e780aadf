import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney, Journey } from '../actors/journey.ts';
import { lookUp } from '../actors/office.ts';
import { withoutRetries } from '../actors/request.ts';
import {
  changePassword,
  currentSession,
  newSession,
  signIn,
  signInSubstantial,
  unsubscribe,
} from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
/** Another service, whose workers one test stops while the others wait. */
let stopped: Stack;
/** Citizens whose passwords expire while the others are made. */
const pool: Citizen[] = [];
beforeAll(async () => {
  const policy = { passwordLife: 'PT10S', passwordReminders: [] };
  [stack, stopped] = [await startStack({ policy }), await startStack({ own: true, policy })];
  pool.push(...(await Promise.all(Array.from({ length: 5 }, () => activeCitizen(stack)))));
});
afterAll(async () => {
  await stack.stop();
  await stopped.stop();
});

const untilExpired = async ({ citizenId }: Citizen, { db } = stack): Promise<void> => {
  const { expiresAt } = await db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
  await untilPast(expiresAt.toISOString());
};
const expired = async (): Promise<Citizen> => {
  const citizen = pool.shift() ?? (await activeCitizen(stack));
  await untilExpired(citizen);
  return citizen;
};
const renewal = (citizen: Citizen, at = stack): Promise<Journey> =>
  expectStartedJourney(at, signIn(at, citizen));

describe('an expired password', () => {
  test.concurrent('opens nothing but its renewal, whatever was open before', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const leaving = await expectStartedJourney(stack, unsubscribe(stack, token));
    const leavingOtp = await leaving.otp();
    await untilExpired(citizen);

    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await changePassword(stack, token, goodPassword, otherPassword)).status).toBe(401);
    expect((await unsubscribe(stack, token)).status).toBe(401);
    expect(await leaving.enterOtp(leavingOtp)).toMatchObject({
      status: 410,
      body: { journey: { outcome: 'superseded' } },
    });
    for (const assurance of ['basic', 'substantial'] as const)
      expect(await signIn(stack, citizen, goodPassword, { assurance })).toMatchObject({
        status: 403,
        body: {
          code: 'password-expired',
          journey: { kind: 'password-change', step: 'otp' },
          token: expect.any(String),
        },
      });
    expect(
      await stack.db.prisma.session.count({
        where: { citizenId: citizen.citizenId, endsAt: { gt: new Date() } },
      }),
    ).toBe(0);
    await until(
      async () => (await lookUp(stack, citizen)).body.status,
      (status) => status === 'expired',
    );
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('password-expired');
  });

  test.concurrent('does not let a sign-in or a change end that was begun before', async () => {
    const [signing, changing] = [await activeCitizen(stack), await activeCitizen(stack)];
    const journeys = [
      await signInSubstantial(stack, signing),
      await expectStartedJourney(
        stack,
        changePassword(stack, await newSession(stack, changing), goodPassword, otherPassword),
      ),
    ];
    const otps = await Promise.all(journeys.map((journey) => journey.otp()));
    await untilExpired(changing);
    for (const [index, journey] of journeys.entries())
      expect(await journey.enterOtp(otps[index] ?? '')).toMatchObject({
        status: 410,
        body: { journey: { outcome: 'superseded' } },
      });
    expect((await signIn(stack, changing)).status).toBe(403);
  });

  test.concurrent('can be renewed too if no worker ran at the moment of expiry', async () => {
    const citizen = await activeCitizen(stopped);
    await stopped.stopWorkers();
    await untilExpired(citizen, stopped);
    await until(
      () => stopped.readiness.state.worker,
      (isThere) => !isThere,
    );
    expect((await signIn(withoutRetries(stopped), citizen)).status).toBe(503);
    await stopped.startWorkers();
    // Temporal gives a task of a stopped worker to another after ten seconds.
    await until(
      () => lookUp(stopped, citizen),
      ({ status }) => status === 200,
      30_000,
    );
    const journey = await renewal(citizen, stopped);
    await journey.enterOtp(await journey.otp());
    expect((await journey.setPassword(otherPassword)).status).toBe(200);
    expect((await signIn(stopped, citizen, otherPassword)).status).toBe(201);
  });

  test('is reported only to a caller who gives it, and wrong ones count', async () => {
    const citizen = await expired();
    for (let failure = 0; failure < 6; failure += 1)
      expect(await signIn(stack, citizen, wrongPassword)).toMatchObject({
        status: 401,
        body: { code: 'sign-in-refused' },
      });
    expect((await signIn(stack, citizen)).status).toBe(401);
    // Neither does blocked and expired lose the one for the other.
    await until(
      async () => (await lookUp(stack, citizen)).body,
      ({ status, blocked }) => status === 'expired' && blocked.includes('password'),
    );
  });

  test('can be reset with the code instead', async () => {
    const citizen = await expired();
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });
});

describe('a renewal', () => {
  test('asks for an SMS code, then for another password than the previous one, then signs in as before', async () => {
    const citizen = await expired();
    const journey = await renewal(citizen);
    expect(journey.started).toMatchObject({ kind: 'password-change', otp: { attemptsLeft: 5 } });
    expect(await journey.setPassword(otherPassword)).toMatchObject({
      status: 409,
      body: { code: 'step-not-expected' },
    });
    expect(await journey.enterOtp(await journey.otp())).toMatchObject({
      status: 200,
      body: { journey: { step: 'password', outcome: null } },
    });
    expect(await journey.setPassword(goodPassword)).toMatchObject({
      status: 422,
      body: { code: 'password-refused', errors: [{ code: 'same-as-previous' }] },
    });
    expect(await journey.setPassword(otherPassword)).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'password-set', passwordExpiresAt: expect.any(String) } },
    });
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.status).toBe('active');
  });

  test('repeated with the same Idempotency-Key is one', async () => {
    const citizen = await expired();
    const headers = { 'Idempotency-Key': 'renew' };
    const one = await signIn(stack, citizen, goodPassword, { headers });
    const two = await signIn(stack, citizen, goodPassword, { headers });
    expect([two.status, two.body.token]).toEqual([403, one.body.token]);
    const journey = new Journey(stack, one);
    expect((await journey.enterOtp(await journey.otp())).status).toBe(200);
  });

  test('ends with the password blocked meanwhile', async () => {
    const citizen = await expired();
    const journey = await renewal(citizen);
    await journey.enterOtp(await journey.otp());
    for (let failure = 0; failure < 6; failure += 1) await signIn(stack, citizen, wrongPassword);
    expect(await journey.setPassword(otherPassword)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { outcome: 'superseded' } },
    });
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(401);
  });
});
