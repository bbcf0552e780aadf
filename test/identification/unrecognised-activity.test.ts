import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { lookUp } from '../actors/office.ts';
import {
  changePassword,
  countSmsMessages,
  currentSession,
  newSession,
  reportUnrecognisedActivity,
  signIn,
  signInSubstantial,
} from '../actors/sessions.ts';
import { lockCitizen } from '../database/row-locks.ts';
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const reports = async ({ citizenId }: Citizen): Promise<number> =>
  (await auditTypesOf(stack, citizenId)).filter((type) => type === 'unrecognised-activity-reported').length;
const blockedAt = async ({ citizenId }: Citizen): Promise<Date | null> =>
  (await stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } })).blockedAt;

describe('«it was not me»', () => {
  test('ends every session and sign-in, and blocks the password until a reset with the activation code', async () => {
    const citizen = await activeCitizen(stack);
    const [token, other] = [await newSession(stack, citizen), await newSession(stack, citizen)];
    const change = await expectStartedJourney(
      stack,
      changePassword(stack, other, goodPassword, otherPassword),
    );
    const otp = await change.otp();
    const signingIn = await signInSubstantial(stack, citizen);
    expect((await reportUnrecognisedActivity(stack, token)).status).toBe(204);

    for (const ended of [token, other]) expect((await currentSession(stack, ended)).status).toBe(401);
    expect(await stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
    expect((await signingIn.read()).body.journey).toMatchObject({ step: 'ended', outcome: 'blocked' });
    // What was begun in a session that is over changes nothing.
    expect((await change.enterOtp(otp)).status).not.toBe(200);
    for (const password of [goodPassword, otherPassword])
      expect((await signIn(stack, citizen, password)).status).toBe(401);
    expect(await reports(citizen)).toBe(1);
    await until(
      () => lookUp(stack, citizen),
      ({ body }) => body.blocked.includes('password'),
    );
    await until(
      () => countSmsMessages(citizen, 'se ha bloqueado'),
      (notices) => notices === 1,
    );

    await citizen.activateOrReset(otherPassword);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.blocked).toEqual([]);
  });

  test('from a session that ends in the same moment leaves the password open', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const held = await lockCitizen(stack, citizen.citizenId);
    const reported = reportUnrecognisedActivity(stack, token);
    await held.untilWaitedFor();
    await stack.db.prisma.session.deleteMany({ where: { citizenId: citizen.citizenId } });
    await held.release();
    expect((await reported).status).toBe(401);
    expect([await blockedAt(citizen), await reports(citizen)]).toEqual([null, 0]);
  });

  test('repeated under its key is answered only if it was done, and under another key the session is over', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const report = (key: string) => reportUnrecognisedActivity(stack, token, { 'Idempotency-Key': key });
    expect([(await report('not-me')).status, (await report('not-me')).status]).toEqual([204, 204]);
    expect((await report('another')).status).toBe(401);

    // As if an attempt had been cut short before it did anything, and the session had ended since.
    const forget = [
      `UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503 WHERE status = 204`,
      `DELETE FROM "AuditEvent" WHERE type = 'unrecognised-activity-reported' AND "citizenId" = '${citizen.citizenId}'`,
    ];
    for (const statement of forget) await queryAsOwner(stack, statement);
    expect((await report('not-me')).status).toBe(401);
    expect(await reports(citizen)).toBe(0);
  });
});
