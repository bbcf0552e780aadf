import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goodPassword, otherPassword, type Person, Visit } from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  substantial,
  unsubscribe,
  whoAmI,
  wrongPassword,
} from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
/** People whose passwords have expired while the others were made. */
const pool: Person[] = [];
beforeAll(async () => {
  stack = await startStack({ policy: { passwordLife: 'PT6S', passwordReminders: [] } });
  for (let people = 0; people < 5; people += 1) pool.push(await activePerson(stack));
});
afterAll(() => stack.stop());

const passwordOf = ({ citizenId }: Person) =>
  stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
const untilExpired = async (person: Person): Promise<void> =>
  untilPast((await passwordOf(person)).expiresAt.toISOString());
const expired = async (): Promise<Person> => {
  const person = pool.shift() ?? (await activePerson(stack));
  await untilExpired(person);
  return person;
};
const renewal = (person: Person): Promise<Visit> => journeyOf(stack, signIn(stack, person));

describe('an expired password', () => {
  test('opens nothing but its renewal, whatever was open before', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const leaving = await journeyOf(stack, unsubscribe(stack, token));
    const leavingOtp = await leaving.otp();
    await untilExpired(person);

    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await changePassword(stack, token, goodPassword, otherPassword)).status).toBe(401);
    expect((await unsubscribe(stack, token)).status).toBe(401);
    expect(await leaving.enterOtp(leavingOtp)).toMatchObject({
      status: 410,
      body: { journey: { outcome: 'superseded' } },
    });
    for (const assurance of ['basic', 'substantial'] as const)
      expect(await signIn(stack, person, goodPassword, { assurance })).toMatchObject({
        status: 403,
        body: {
          code: 'password-expired',
          journey: { kind: 'password-change', step: 'otp' },
          token: expect.any(String),
        },
      });
    expect(
      await stack.db.prisma.session.count({
        where: { citizenId: person.citizenId, endsAt: { gt: new Date() } },
      }),
    ).toBe(0);
    await until(
      async () => (await atOffice(stack, '/citizen-lookups', person)).body.status,
      (status) => status === 'expired',
    );
    expect(await auditTypesOf(stack, person.citizenId)).toContain('password-expired');
  });

  test('does not let a sign-in or a change end that was begun before', async () => {
    const [signing, changing] = [await activePerson(stack), await activePerson(stack)];
    const visits = [
      await substantial(stack, signing),
      await journeyOf(
        stack,
        changePassword(stack, await sessionOf(stack, changing), goodPassword, otherPassword),
      ),
    ];
    const otps = await Promise.all(visits.map((visit) => visit.otp()));
    await untilExpired(changing);
    for (const [index, visit] of visits.entries())
      expect(await visit.enterOtp(otps[index] ?? '')).toMatchObject({
        status: 410,
        body: { journey: { outcome: 'superseded' } },
      });
    expect((await signIn(stack, changing)).status).toBe(403);
  });

  test('is told to nobody who has not given it, and wrong ones count', async () => {
    const person = await expired();
    for (let failure = 0; failure < 6; failure += 1)
      expect(await signIn(stack, person, wrongPassword)).toMatchObject({
        status: 401,
        body: { code: 'sign-in-refused' },
      });
    expect((await signIn(stack, person)).status).toBe(401);
    // Neither does blocked and expired lose the one for the other.
    await until(
      async () => (await atOffice(stack, '/citizen-lookups', person)).body,
      ({ status, blocked }) => status === 'expired' && blocked.includes('password'),
    );
  });

  test('can be reset with the code instead', async () => {
    const person = await expired();
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });
});

describe('a renewal', () => {
  test('asks for an SMS code, then for another password than the previous one, then signs in as before', async () => {
    const person = await expired();
    const visit = await renewal(person);
    expect(visit.begun).toMatchObject({ kind: 'password-change', otp: { attemptsLeft: 5 } });
    expect(await visit.choosePassword(otherPassword)).toMatchObject({
      status: 409,
      body: { code: 'step-not-expected' },
    });
    expect(await visit.enterOtp(await visit.otp())).toMatchObject({
      status: 200,
      body: { journey: { step: 'password', outcome: null } },
    });
    expect(await visit.choosePassword(goodPassword)).toMatchObject({
      status: 422,
      body: { code: 'password-refused', errors: [{ code: 'same-as-previous' }] },
    });
    expect(await visit.choosePassword(otherPassword)).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'password-set', passwordExpiresAt: expect.any(String) } },
    });
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
    expect((await atOffice(stack, '/citizen-lookups', person)).body.status).toBe('active');
  });

  test('repeated with the same Idempotency-Key is one', async () => {
    const person = await expired();
    const headers = { 'Idempotency-Key': 'renew' };
    const one = await signIn(stack, person, goodPassword, { headers });
    const two = await signIn(stack, person, goodPassword, { headers });
    expect([two.status, two.body.token]).toEqual([403, one.body.token]);
    const visit = new Visit(stack, one);
    expect((await visit.enterOtp(await visit.otp())).status).toBe(200);
  });

  test('ends with the password blocked meanwhile', async () => {
    const person = await expired();
    const visit = await renewal(person);
    await visit.enterOtp(await visit.otp());
    for (let failure = 0; failure < 6; failure += 1) await signIn(stack, person, wrongPassword);
    expect(await visit.choosePassword(otherPassword)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { outcome: 'superseded' } },
    });
    expect((await signIn(stack, person, otherPassword)).status).toBe(401);
  });

  test('is there as well when no worker ran at the moment of expiry', async () => {
    const person = await activePerson(stack);
    await stack.stopWorkers();
    await untilExpired(person);
    await until(
      () => stack.readiness.state.worker,
      (isThere) => !isThere,
    );
    expect((await signIn(stack, person)).status).toBe(503);
    await stack.startWorkers();
    // A task that a worker took with it to its grave is given to another after Temporal's ten seconds.
    await until(
      () => person.lookUp(),
      ({ status }) => status === 200,
      30_000,
    );
    const visit = await renewal(person);
    await visit.enterOtp(await visit.otp());
    expect((await visit.choosePassword(otherPassword)).status).toBe(200);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });
});
