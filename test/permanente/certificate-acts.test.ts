import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { lookUp, suspend } from '../actors/office.ts';
import { requestWithRetry } from '../actors/request.ts';
import {
  blockPassword,
  changePassword,
  countSmsMessages,
  currentSession,
  newSession,
  signIn,
  signInSubstantial,
} from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Headers_ = Record<string, string>;
const change = (token: string, newPassword = otherPassword, headers: Headers_ = {}) =>
  requestWithRetry(stack, 'POST', '/password-changes', { body: { newPassword }, token, headers });
const unsubscribe = (token: string, headers: Headers_ = {}) =>
  requestWithRetry(stack, 'POST', '/unsubscriptions', { body: {}, token, headers });
const audited = async ({ citizenId }: Citizen, type: string): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((each) => each === type).length;
const lostReply = () =>
  stack.db.prisma.idempotentRequest.updateMany({
    where: { createdAt: { gt: new Date(Date.now() - 60_000) } },
    data: { sealedAnswer: null, status: null },
  });

describe('a change of the password with a certificate', () => {
  test('needs neither the current one nor an SMS code, ends sessions and journeys, and restarts the two years', async () => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const sent = citizen.otps().length;
    const journey = await expectStartedJourney(
      stack,
      changePassword(stack, await newSession(stack, citizen), goodPassword, 'Graniza/Poco9'),
    );
    const identification = await signInSubstantial(stack, citizen);
    const before = Date.now();
    const { status, body } = await change(await certificateToken(stack, citizen.data));
    expect(status).toBe(200);
    const twoYears = new Date(before);
    twoYears.setFullYear(twoYears.getFullYear() + 2);
    expect(Math.abs(Date.parse(body.passwordExpiresAt) - twoYears.getTime())).toBeLessThan(120_000);
    expect((await currentSession(stack, session)).status).toBe(401);
    expect((await journey.read()).body.journey.outcome).toBe('superseded');
    expect((await identification.read()).body.journey.outcome).toBe('superseded');
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'active',
      passwordExpiresAt: body.passwordExpiresAt,
    });
    await until(() => countSmsMessages(citizen, 'con un certificado o DNIe'), Boolean);
    // Those of the journey and the identification only.
    expect(citizen.otps().length - sent).toBeLessThanOrEqual(2);
  });

  test('renews an expired password', async () => {
    const citizen = await activeCitizen(stack);
    const where = { citizenId: citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    expect((await change(await certificateToken(stack, citizen.data))).status).toBe(200);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('holds the new one to the rules, which uses the certificate not up, and takes no current one', async () => {
    const citizen = await activeCitizen(stack);
    const token = await certificateToken(stack, citizen.data);
    const broken = async (password: string) => (await change(token, password)).body.errors;
    expect(await broken('short')).toContainEqual({ code: 'too-short' });
    expect(await broken(goodPassword)).toEqual([{ code: 'same-as-previous' }]);
    expect(await changePassword(stack, token, goodPassword, otherPassword)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/currentPassword', code: 'unknown-field' }] },
    });
    const session = await newSession(stack, citizen);
    expect(await change(session)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/currentPassword', code: 'required' }] },
    });
    expect((await change(token)).status).toBe(200);
    expect((await change(token, 'Graniza/Poco9')).status).toBe(401);
  });

  test('is refused to who has no password or a blocked one, is suspended or not registered', async () => {
    const codeFor = async (citizen: Citizen) =>
      (await change(await certificateToken(stack, citizen.data))).body.code;
    const blocked = await activeCitizen(stack);
    await blockPassword(stack, blocked);
    const suspended = await activeCitizen(stack);
    await suspend(stack, suspended);
    expect([
      await codeFor(await new Citizen(stack).register()),
      await codeFor(blocked),
      await codeFor(suspended),
      await codeFor(new Citizen(stack)),
    ]).toEqual(['reset-needed', 'reset-needed', 'suspended', 'not-registered']);
  });

  test('is done once: repeated under its key also if the reply was lost, sixteen at once, and with another act of the token never', async () => {
    const citizen = await activeCitizen(stack);
    const token = await certificateToken(stack, citizen.data);
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const send = () => change(token, otherPassword, headers);
    const replies = await Promise.all(Array.from({ length: 16 }, send));
    expect(new Set(replies.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    await lostReply();
    expect(await send()).toMatchObject({ status: 200, body: replies[0]?.body });
    expect(await audited(citizen, 'password-set')).toBe(2);
    expect((await unsubscribe(token)).status).toBe(401);
  });
});

describe('an unsubscription with a certificate', () => {
  test('is done at once without an SMS code, whether activated, blocked or neither; the registration stays', async () => {
    const active = await activeCitizen(stack);
    const session = await newSession(stack, active);
    const blocked = await activeCitizen(stack);
    await blockPassword(stack, blocked);
    const registered = await new Citizen(stack).register();
    for (const citizen of [active, blocked, registered]) {
      expect((await unsubscribe(await certificateToken(stack, citizen.data))).status).toBe(204);
      expect((await lookUp(stack, citizen)).body.status).toBe('unsubscribed');
      expect(await stack.db.prisma.password.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
      expect((await citizen.tryStartActivation()).status).toBe(422);
      await until(() => countSmsMessages(citizen, 'ha causado baja'), Boolean);
    }
    expect((await currentSession(stack, session)).status).toBe(401);
    expect((await signIn(stack, active)).status).toBe(401);
    await active.register();
    expect((await active.activateOrReset(otherPassword)).status).toBe(200);
  });

  test('is refused to who is unsubscribed, suspended or not registered', async () => {
    const gone = await activeCitizen(stack);
    await unsubscribe(await certificateToken(stack, gone.data));
    const suspended = await activeCitizen(stack);
    await suspend(stack, suspended);
    const codeFor = async (citizen: Citizen) =>
      (await unsubscribe(await certificateToken(stack, citizen.data))).body.code;
    expect([await codeFor(gone), await codeFor(suspended), await codeFor(new Citizen(stack))]).toEqual([
      'registration-act-needed',
      'suspended',
      'not-registered',
    ]);
  });

  test('is done once, and repeated under its key also if the reply was lost', async () => {
    const citizen = await activeCitizen(stack);
    const token = await certificateToken(stack, citizen.data);
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    expect((await unsubscribe(token, headers)).status).toBe(204);
    await lostReply();
    expect((await unsubscribe(token, headers)).status).toBe(204);
    expect(await audited(citizen, 'citizen-unsubscribed')).toBe(1);
  });
});
