import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { citizenStatus } from '../../workflows/messages.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongCode } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { lookUp, regenerateActivationCode, suspend } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
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
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const notice = 'ha suspendido su acceso';

describe('a suspension', () => {
  test('ends sessions and journeys and blocks password and code', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const change = await expectStartedJourney(
      stack,
      changePassword(stack, token, goodPassword, otherPassword),
    );
    const reset = await citizen.confirmedJourney();
    expect(await suspend(stack, citizen)).toMatchObject({
      status: 201,
      body: { citizenId: citizen.citizenId },
    });

    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await change.enterOtp('000000')).status).toBe(410);
    expect(await reset.setPassword(otherPassword)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { outcome: 'blocked' } },
    });
    expect(await citizen.tryStartActivation()).toMatchObject({
      status: 423,
      body: { code: 'activation-code-blocked' },
    });
    expect((await citizen.tryStartActivation({ activationCode: 'ZZZZZ-ZZZZZ' })).status).toBe(422);
    expect(await regenerateActivationCode(stack, citizen)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'suspended',
      blocked: ['code', 'password'],
    });
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('citizen-suspended');
  });

  test('keeps its reason for the office, out of the audit trail, and sends one SMS message however often it is done', async () => {
    const citizen = await activeCitizen(stack);
    expect([(await suspend(stack, citizen)).status, (await suspend(stack, citizen)).status]).toEqual([
      201, 201,
    ]);
    await until(
      () => countSmsMessages(citizen, notice),
      (notices) => notices > 0,
    );
    await blockPassword(stack, citizen);
    expect(countSmsMessages(citizen, notice)).toBe(1);
    expect(countSmsMessages(citizen, 'se ha bloqueado')).toBe(0);
    const kept = await queryAsOwner<{ reason: string }>(
      stack,
      'SELECT reason FROM "Suspension" WHERE "citizenId" = $1',
      [citizen.citizenId],
    );
    expect(kept.map(({ reason }) => reason)).toEqual(['a lost phone', 'a lost phone']);
    const trail = await queryAsOwner(stack, 'SELECT detail::text FROM "AuditEvent" WHERE "citizenId" = $1', [
      citizen.citizenId,
    ]);
    expect(JSON.stringify(trail)).not.toContain('lost phone');
  });

  test('ends with a new act: the old password stays shut until the new code has reset it, the old sessions are over', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const old = citizen.activationCode;
    await suspend(stack, citizen);
    // The second act follows the loss of the code that the first one gave.
    for (let act = 0; act < 2; act += 1) {
      await citizen.register();
      expect((await lookUp(stack, citizen)).body).toMatchObject({
        status: 'active',
        blocked: ['password'],
      });
      for (const assurance of ['basic', 'substantial'] as const)
        expect((await signIn(stack, citizen, goodPassword, { assurance })).status).toBe(401);
    }
    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await citizen.tryStartActivation({ activationCode: old })).status).toBe(422);
    expect((await citizen.activateOrReset(otherPassword)).status).toBe(200);
    expect((await lookUp(stack, citizen)).body).toMatchObject({ status: 'active', blocked: [] });
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    const journey = await signInSubstantial(stack, citizen, otherPassword);
    expect((await journey.enterOtp(await journey.otp())).status).toBe(200);
    // A password that was set after the suspension is opened by an act like any other.
    await blockPassword(stack, citizen);
    await citizen.register();
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    // A second suspension is an event of its own and sends another SMS.
    await suspend(stack, citizen);
    await until(
      () => countSmsMessages(citizen, notice),
      (notices) => notices === 2,
    );
  });

  test('leaves no session behind, whatever sign-in was being compared in that moment', async () => {
    const citizen = await activeCitizen(stack);
    const signing = Array.from({ length: 12 }, () => signIn(stack, citizen));
    await signing[0];
    expect((await suspend(stack, citizen)).status).toBe(201);
    await Promise.all(signing);
    expect(await stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
  });

  test('of a citizen without a password keeps them from activating', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    await suspend(stack, citizen);
    expect((await journey.setPassword(goodPassword)).status).toBe(410);
    expect((await regenerateActivationCode(stack, citizen)).status).toBe(409);
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'suspended',
      blocked: ['code'],
    });
    expect(await stack.db.prisma.password.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
  });

  test('is in force at once where the workflow is gone, until an act and a reset', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const workflow = stack.client.workflow.getHandle(citizenWorkflowId(citizen.citizenId));
    await workflow.terminate('by hand');
    expect((await suspend(stack, citizen)).status).toBe(201);
    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'suspended',
      blocked: ['code', 'password'],
    });
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('citizen-suspended');
    expect(await regenerateActivationCode(stack, citizen)).toMatchObject({ status: 409 });
    await citizen.register();
    // The new workflow does not know the password, so the act does not unblock it.
    expect((await lookUp(stack, citizen)).body).toMatchObject({ status: 'active', blocked: ['password'] });
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('is told to the workflow until it hears, but not once an act has lifted it', async () => {
    const [suspended, lifted] = [await activeCitizen(stack), await activeCitizen(stack)];
    // As a suspension leaves it while Temporal is away.
    await stack.db.prisma.citizen.update({
      where: { id: suspended.citizenId },
      data: { suspendedAt: new Date() },
    });
    const rows = [suspended, lifted].map(({ citizenId }) => ({
      ...{ id: randomUUID(), citizenId, officerId: randomUUID(), requestId: randomUUID() },
      reason: 'a lost phone',
    }));
    await stack.db.prisma.suspension.createMany({ data: rows });
    await until(
      () => stack.db.prisma.suspension.findMany({ where: { id: { in: rows.map(({ id }) => id) } } }),
      (found) => found.every(({ toldAt }) => toldAt !== null),
    );
    const statusOf = async ({ citizenId }: Citizen) =>
      (await stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).query(citizenStatus))?.status;
    expect([await statusOf(suspended), await statusOf(lifted)]).toEqual(['suspended', 'active']);
    expect((await signIn(stack, lifted)).status).toBe(201);
  });

  test('of which the workflow has not heard refuses codes all the same, as those of a stranger, and counts none', async () => {
    const citizen = await new Citizen(stack).register();
    const setSuspendedAt = (suspendedAt: Date | null) =>
      stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data: { suspendedAt } });
    await setSuspendedAt(new Date());
    const statusOf = async (activationCode?: string) =>
      (await citizen.tryStartActivation(activationCode ? { activationCode } : {})).status;
    expect(await statusOf()).toBe(423);
    const wrong: number[] = [];
    for (let entry = 0; entry < 6; entry += 1) wrong.push(await statusOf(wrongCode));
    expect(wrong).toEqual([422, 422, 422, 422, 422, 423]);
    await setSuspendedAt(null);
    expect(await statusOf()).toBe(201);
  });

  test('is for officers, about a registered citizen', async () => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const body = { nationalId: citizen.data.nationalId, reason: 'a lost phone' };
    for (const token of [undefined, session, 'nobody'])
      expect((await requestWithRetry(stack, 'POST', '/suspensions', { body, token })).status).toBe(401);
    expect((await currentSession(stack, session)).status).toBe(200);
    expect(await suspend(stack, { data: newPersonalData() })).toMatchObject({
      status: 404,
      body: { code: 'not-registered' },
    });
  });
});

describe('a regeneration of the activation code', () => {
  test('voids the old code at once, and keeps the password and the sessions', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const reply = await regenerateActivationCode(stack, citizen);
    expect(reply.status).toBe(201);
    expect((await citizen.tryStartActivation()).status).toBe(422);
    expect((await currentSession(stack, token)).status).toBe(200);
    expect((await signIn(stack, citizen)).status).toBe(201);
    citizen.activationCode = reply.body.activationCode;
    expect((await citizen.activateOrReset(otherPassword)).body.journey.outcome).toBe('password-set');
  });

  test('does not lift a block of the password', async () => {
    const citizen = await activeCitizen(stack);
    await blockPassword(stack, citizen);
    expect(await regenerateActivationCode(stack, citizen)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect((await signIn(stack, citizen)).status).toBe(401);
  });

  test('does not lift one either of which the workflow has not heard yet', async () => {
    const citizen = await activeCitizen(stack);
    const { citizenId } = citizen;
    const data = { blockedAt: new Date(), blockToldAt: new Date() };
    await stack.db.prisma.password.update({ where: { citizenId }, data });
    expect(await regenerateActivationCode(stack, citizen)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
  });

  test('is for officers', async () => {
    const citizen = await activeCitizen(stack);
    const body = { nationalId: citizen.data.nationalId };
    for (const token of [undefined, await newSession(stack, citizen)])
      expect((await requestWithRetry(stack, 'POST', '/activation-codes', { body, token })).status).toBe(401);
  });
});
