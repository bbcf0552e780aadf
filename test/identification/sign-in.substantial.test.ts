import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { blockPassword, currentSession, signIn, signInSubstantial } from '../actors/sessions.ts';
import { lockCitizen } from '../database/row-locks.ts';
import { auditTypesOf } from '../database/rows.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const sessionsOf = ({ citizenId }: Citizen) => stack.db.prisma.session.count({ where: { citizenId } });
const superseded = {
  status: 410,
  body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
};

describe('a sign-in that is confirmed by SMS', () => {
  test('opens a session of substantial assurance, whose token only the reply that ends the journey contains', async () => {
    const citizen = await activeCitizen(stack);
    const basic = (await signIn(stack, citizen)).body.session;
    const journey = await signInSubstantial(stack, citizen);
    expect(journey.started).toMatchObject({
      kind: 'sign-in',
      step: 'otp',
      outcome: null,
      otp: { attemptsLeft: 3, sendsLeft: 2 },
    });
    expect(journey.started).not.toHaveProperty('session');
    expect(await sessionsOf(citizen)).toBe(1);
    const otp = await journey.otp();
    expect(citizen.smsMessages().find((text) => text.includes(otp))).toContain('para identificarse');

    const done = await journey.enterOtp(otp);
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'signed-in', session: { assurance: 'substantial' } } },
    });
    const { session } = done.body.journey;
    expect(Date.parse(session.previousAccess)).toBeLessThan(Date.parse(journey.started.expiresAt));
    expect(await currentSession(stack, session.token)).toMatchObject({
      status: 200,
      body: { session: { assurance: 'substantial', previousAccess: session.previousAccess } },
    });
    const read = await journey.read();
    expect(read.body.journey).toMatchObject({ step: 'done', outcome: 'signed-in' });
    expect(JSON.stringify(read.body)).not.toContain('session');
    expect((await currentSession(stack, basic.token)).body.session.assurance).toBe('basic');
    expect(await journey.enterOtp(otp)).toMatchObject({ status: 410, body: { code: 'journey-ended' } });
    expect(await sessionsOf(citizen)).toBe(2);
  });

  test('repeated with the same Idempotency-Key, also at once, returns the same token', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    const again = () => journey.enterOtp(otp, { 'Idempotency-Key': 'the-last-step' });
    const replies = await Promise.all([again(), again()]);
    const tokens = [...replies, await again()].map(({ body }) => body.journey.session.token);
    expect(new Set(tokens).size).toBe(1);
    expect(await sessionsOf(citizen)).toBe(1);
    expect(await journey.enterOtp(otp, { 'Idempotency-Key': 'another' })).toMatchObject({ status: 410 });
  });

  test('opens nothing with the code of another citizen’s sign-in, or of an earlier one', async () => {
    const [citizen, other] = [await activeCitizen(stack), await activeCitizen(stack)];
    const journey = await signInSubstantial(stack, citizen);
    const theirs = await (await signInSubstantial(stack, other)).otp();
    const refused = { status: 422, body: { code: 'otp-refused' } };
    expect(await journey.enterOtp(theirs)).toMatchObject(refused);
    const earlier = await journey.otp();
    const later = await signInSubstantial(stack, citizen);
    expect(await later.otp()).not.toBe(earlier);
    expect(await later.enterOtp(earlier)).toMatchObject(refused);
    expect(await sessionsOf(citizen)).toBe(0);
  });

  test('answered 503 because PostgreSQL keeps it waiting, opens nothing later and costs no guess; its repetition opens', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const body = { otp: await journey.otp() };
    const headers = { 'Idempotency-Key': 'kept-waiting' };
    const enter = () =>
      requestOnce(stack, 'POST', `/journeys/${journey.id}/otp`, { body, token: journey.token, headers });
    const held = await lockCitizen(stack, citizen.citizenId);
    const { status } = await enter();
    await held.release();
    expect(status).toBe(503);
    expect(await sessionsOf(citizen)).toBe(0);
    expect((await journey.read()).body.journey).toMatchObject({ step: 'otp', otp: { attemptsLeft: 3 } });
    expect((await enter()).status).toBe(200);
    expect(await sessionsOf(citizen)).toBe(1);
  });

  test('entered sixteen times at once opens one session', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    // Until none is decided before the others are counted.
    const held = await lockCitizen(stack, citizen.citizenId);
    const entering = Array.from({ length: 16 }, () => journey.enterOtp(otp));
    await until(
      () => stack.db.prisma.journey.findUniqueOrThrow({ where: { id: journey.id } }),
      ({ otpWrong }) => otpWrong === 4,
    );
    await held.release();
    const replies = await Promise.all(entering);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    // Counted before they are compared, so that more than the tolerated are refused while these are under way.
    for (const { status } of replies) expect([200, 410, 422]).toContain(status);
    expect(await sessionsOf(citizen)).toBe(1);
  });

  test('tolerates three wrong SMS codes, a fourth ends it without a session', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    let otp = await journey.otp();
    for (const attemptsLeft of [2, 1, 0]) {
      expect(await journey.enterOtp(wrongOtp(otp))).toMatchObject({
        status: 422,
        body: { code: 'otp-refused', reason: 'wrong', journey: { step: 'otp', otp: { attemptsLeft } } },
      });
      if (attemptsLeft !== 1) continue;
      // A further code brings no new guesses.
      const data = { otpResendAfter: new Date() };
      await stack.db.prisma.journey.update({ where: { id: journey.id }, data });
      expect((await journey.resend()).body.journey.otp.attemptsLeft).toBe(attemptsLeft);
      otp = await journey.otp(2);
    }
    expect(await journey.enterOtp(wrongOtp(otp))).toMatchObject({
      status: 422,
      body: { code: 'otp-refused', journey: { step: 'ended', outcome: 'too-many-otps' } },
    });
    expect(await journey.enterOtp(otp)).toMatchObject({ status: 410 });
    expect(await sessionsOf(citizen)).toBe(0);
    // The password itself is none the worse.
    expect((await signIn(stack, citizen)).status).toBe(201);
  });
});

describe('a sign-in that waits for its SMS code', () => {
  test('is superseded by a reset, and opens nothing', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    await citizen.activateOrReset(otherPassword);
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect(await sessionsOf(citizen)).toBe(0);
  });

  test('opens nothing once the password has been blocked', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    await blockPassword(stack, citizen);
    expect(await journey.enterOtp(otp)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'blocked' } },
    });
    expect(await journey.read()).toMatchObject({ body: { journey: { outcome: 'blocked' } } });
    expect(await sessionsOf(citizen)).toBe(0);
    expect(await auditTypesOf(stack, citizen.citizenId)).not.toContain('signed-in');
  });

  test('opens nothing once the password has expired', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    const where = { citizenId: citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect(await sessionsOf(citizen)).toBe(0);
  });

  test('opens nothing after a registration act that a worker of the version before has applied', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const otp = await journey.otp();
    // Such a worker replaces the citizen's row and leaves the password and the identification as they are.
    const data = { registeredAt: new Date(), phoneConfirmedAt: null };
    await stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data });
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect(await sessionsOf(citizen)).toBe(0);
    expect(
      await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizen.citizenId } }),
    ).toMatchObject({ phoneConfirmedAt: null });
    const later = await signInSubstantial(stack, citizen);
    expect((await later.enterOtp(await later.otp())).status).toBe(200);
  });

  test('is superseded by a later one', async () => {
    const citizen = await activeCitizen(stack);
    const first = await signInSubstantial(stack, citizen);
    const otp = await first.otp();
    const second = await signInSubstantial(stack, citizen);
    expect(await first.enterOtp(otp)).toMatchObject(superseded);
    expect((await second.enterOtp(await second.otp())).status).toBe(200);
  });
});

test('a registration of the basic level is refused it before an SMS is sent, and signs in with the password alone', async () => {
  const citizen = await activeCitizen(stack);
  const where = { id: citizen.citizenId };
  await stack.db.prisma.citizen.update({ where, data: { level: 'basic' } });
  // Of codes alone: notices are sent beside.
  const rows = () =>
    stack.db.prisma.text.count({ where: { citizenId: citizen.citizenId, journeyId: { not: null } } });
  const before = await rows();
  for (let tries = 0; tries < 7; tries += 1)
    expect(await signIn(stack, citizen, goodPassword, { assurance: 'substantial' })).toMatchObject({
      status: 401,
      body: { code: 'sign-in-refused' },
    });
  expect(await rows()).toBe(before);
  const types = await auditTypesOf(stack, citizen.citizenId);
  expect(types.filter((type) => type === 'sign-in-refused')).toHaveLength(7);
  // The password was right: none of these was a failure.
  expect(await signIn(stack, citizen)).toMatchObject({
    status: 201,
    body: { session: { assurance: 'basic' } },
  });
  await stack.db.prisma.citizen.update({ where, data: { level: 'advanced' } });
  const journey = await signInSubstantial(stack, citizen);
  expect((await journey.enterOtp(await journey.otp())).body.journey.session.assurance).toBe('substantial');
});

describe('a caller who has only the password', () => {
  const finish = async (reset: Journey): Promise<number> => {
    await reset.enterOtp(await reset.otp());
    return (await reset.setPassword(otherPassword)).status;
  };

  test('does not end a reset by signing in', async () => {
    const citizen = await activeCitizen(stack);
    const reset = await citizen.startActivation();
    const journey = await signInSubstantial(stack, citizen);
    expect((await reset.read()).body.journey).toMatchObject({ step: 'otp', outcome: null });
    expect((await journey.read()).body.journey).toMatchObject({ step: 'otp', outcome: null });
    expect(await finish(reset)).toBe(200);
    expect(await journey.enterOtp(await journey.otp())).toMatchObject(superseded);
  });

  test('cannot keep the owner from a reset by signing in and guessing until all is used up', async () => {
    const citizen = await activeCitizen(stack);
    const reset = await citizen.startActivation();
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const reply = await signIn(stack, citizen, goodPassword, { assurance: 'substantial' });
      statuses.push(reply.status);
      if (reply.status !== 201) continue;
      const { journey, token } = reply.body;
      const wrong = { body: JSON.stringify({ otp: '000000' }), method: 'POST' };
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` };
      for (let entry = 0; entry < 4; entry += 1)
        await fetch(`${stack.url}/api/v1/journeys/${journey.id}/otp`, { ...wrong, headers });
    }
    expect(statuses.slice(-2)).toEqual([429, 429]);
    expect(await finish(reset)).toBe(200);
    // Nor from beginning one.
    expect(await finish(await citizen.startActivation())).toBe(422);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('is refused when the texts of the day are used up, and texts for the code are still sent', async () => {
    const citizen = await activeCitizen(stack);
    const replies = [];
    for (let tries = 0; tries < 11; tries += 1) {
      const reply = await signIn(stack, citizen, goodPassword, { assurance: 'substantial' });
      replies.push(reply);
      // A later start would take its place in the allowance back if the code had not been sent yet.
      if (reply.status === 201) await new Journey(stack, reply).otp();
    }
    expect(replies.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(replies[10]).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(replies[10]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await finish(await citizen.startActivation())).toBe(200);
  });
});
