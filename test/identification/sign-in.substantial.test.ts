import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goodPassword, otherPassword, type Person, type Visit, wrongOtp } from '../actors/front-end.ts';
import { activePerson, blockPassword, signIn, substantial, whoAmI } from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const sessionsOf = ({ citizenId }: Person) => stack.db.prisma.session.count({ where: { citizenId } });
const superseded = {
  status: 410,
  body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
};

describe('a sign-in that is confirmed by SMS', () => {
  test('opens a session of substantial assurance, told in the reply that ends it and nowhere else', async () => {
    const person = await activePerson(stack);
    const basic = (await signIn(stack, person)).body.session;
    const visit = await substantial(stack, person);
    expect(visit.begun).toMatchObject({
      kind: 'sign-in',
      step: 'otp',
      outcome: null,
      otp: { attemptsLeft: 3, sendsLeft: 2 },
    });
    expect(visit.begun).not.toHaveProperty('session');
    expect(await sessionsOf(person)).toBe(1);
    const otp = await visit.otp();
    expect(person.texts().find((text) => text.includes(otp))).toContain('para identificarse');

    const done = await visit.enterOtp(otp);
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'signed-in', session: { assurance: 'substantial' } } },
    });
    const { session } = done.body.journey;
    expect(Date.parse(session.previousAccess)).toBeLessThan(Date.parse(visit.begun.expiresAt));
    expect(await whoAmI(stack, session.token)).toMatchObject({
      status: 200,
      body: { session: { assurance: 'substantial', previousAccess: session.previousAccess } },
    });
    const read = await visit.read();
    expect(read.body.journey).toMatchObject({ step: 'done', outcome: 'signed-in' });
    expect(JSON.stringify(read.body)).not.toContain('session');
    expect((await whoAmI(stack, basic.token)).body.session.assurance).toBe('basic');
    expect(await visit.enterOtp(otp)).toMatchObject({ status: 410, body: { code: 'journey-ended' } });
    expect(await sessionsOf(person)).toBe(2);
  });

  test('repeated with the same Idempotency-Key, also at once, tells the same token', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    const again = () => visit.enterOtp(otp, { 'Idempotency-Key': 'the-last-step' });
    const replies = await Promise.all([again(), again()]);
    const tokens = [...replies, await again()].map(({ body }) => body.journey.session.token);
    expect(new Set(tokens).size).toBe(1);
    expect(await sessionsOf(person)).toBe(1);
    expect(await visit.enterOtp(otp, { 'Idempotency-Key': 'another' })).toMatchObject({ status: 410 });
  });

  test('entered sixteen times at once opens one session', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    const replies = await Promise.all(Array.from({ length: 16 }, () => visit.enterOtp(otp)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status } of replies) expect([200, 409, 410, 503]).toContain(status);
    expect(await sessionsOf(person)).toBe(1);
  });

  test('tolerates three wrong SMS codes, a fourth ends it without a session', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    for (const attemptsLeft of [2, 1, 0])
      expect(await visit.enterOtp(wrongOtp(otp))).toMatchObject({
        status: 422,
        body: { code: 'otp-refused', journey: { step: 'otp', otp: { attemptsLeft } } },
      });
    expect(await visit.enterOtp(wrongOtp(otp))).toMatchObject({
      status: 422,
      body: { code: 'otp-refused', journey: { step: 'ended', outcome: 'too-many-otps' } },
    });
    expect(await visit.enterOtp(otp)).toMatchObject({ status: 410 });
    expect(await sessionsOf(person)).toBe(0);
    // The password itself is none the worse.
    expect((await signIn(stack, person)).status).toBe(201);
  });
});

describe('a sign-in that waits for its SMS code', () => {
  test('is superseded by a reset, and opens nothing', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    await person.setPassword(otherPassword);
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect(await sessionsOf(person)).toBe(0);
  });

  test('opens nothing once the password has been blocked', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    await blockPassword(stack, person);
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect(await visit.read()).toMatchObject({ body: { journey: { outcome: 'superseded' } } });
    expect(await sessionsOf(person)).toBe(0);
    expect(await auditTypesOf(stack, person.citizenId)).not.toContain('signed-in');
  });

  test('opens nothing once the password has expired', async () => {
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const otp = await visit.otp();
    const where = { citizenId: person.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect(await sessionsOf(person)).toBe(0);
  });

  test('is superseded by a later one', async () => {
    const person = await activePerson(stack);
    const first = await substantial(stack, person);
    const otp = await first.otp();
    const second = await substantial(stack, person);
    expect(await first.enterOtp(otp)).toMatchObject(superseded);
    expect((await second.enterOtp(await second.otp())).status).toBe(200);
  });
});

describe('who holds only the password', () => {
  const finish = async (reset: Visit): Promise<number> => {
    await reset.enterOtp(await reset.otp());
    return (await reset.choosePassword(otherPassword)).status;
  };

  test('does not end a reset by signing in', async () => {
    const person = await activePerson(stack);
    const reset = await person.visit();
    const visit = await substantial(stack, person);
    expect((await reset.read()).body.journey).toMatchObject({ step: 'otp', outcome: null });
    expect((await visit.read()).body.journey).toMatchObject({ step: 'otp', outcome: null });
    expect(await finish(reset)).toBe(200);
    expect(await visit.enterOtp(await visit.otp())).toMatchObject(superseded);
  });

  test('cannot keep the owner from a reset by signing in and guessing until all is used up', async () => {
    const person = await activePerson(stack);
    const reset = await person.visit();
    const statuses: number[] = [];
    for (let tries = 0; tries < 12; tries += 1) {
      const reply = await signIn(stack, person, goodPassword, { assurance: 'substantial' });
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
    expect(await finish(await person.visit())).toBe(422);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('is refused when the texts of the day are used up, and texts for the code are still sent', async () => {
    const person = await activePerson(stack);
    const replies = [];
    for (let tries = 0; tries < 11; tries += 1)
      replies.push(await signIn(stack, person, goodPassword, { assurance: 'substantial' }));
    expect(replies.slice(0, 10).map(({ status }) => status)).toEqual(Array(10).fill(201));
    expect(replies[10]).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(replies[10]?.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(await finish(await person.visit())).toBe(200);
  });
});
