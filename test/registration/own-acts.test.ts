import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { after } from '../../domain/durations.ts';
import { conditionsVersion } from '../../domain/registration/conditions.ts';
import { certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { lookUp, suspend } from '../actors/office.ts';
import { regenerateWith, registerOnline, renewWith } from '../actors/online-registration.ts';
import { requestWithRetry } from '../actors/request.ts';
import { activity, blockPassword, currentSession, newSession, signIn } from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { textRuns } from '../environment/pdf-text.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const byOffice = (path: string, body: unknown) =>
  requestWithRetry(stack, 'POST', path, { body, token: stack.officeKey });
const rowOf = ({ citizenId: id }: Citizen) => stack.db.prisma.citizen.findUniqueOrThrow({ where: { id } });

describe('the regeneration of the code with a certificate', () => {
  test('voids the old code, leaves password and session alone, and keeps its evidence', async () => {
    const citizen = await activeCitizen(stack);
    const session = await newSession(stack, citizen);
    const former = citizen.activationCode;
    const reply = await regenerateWith(stack, citizen);
    expect(reply).toMatchObject({ status: 201, body: { issuedAt: expect.any(String) } });
    expect((await citizen.tryStartActivation({ activationCode: former })).status).toBe(422);
    expect((await currentSession(stack, session)).status).toBe(200);
    citizen.activationCode = reply.body.activationCode;
    await citizen.activateOrReset(otherPassword);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    const { citizenId } = citizen;
    const [kept] = await stack.db.prisma.actEvidence.findMany({ where: { citizenId } });
    expect(kept).toMatchObject({ kind: 'code-regeneration' });
    const document = stack.ring.open('act-evidence', kept?.actId ?? '', kept?.sealed ?? '');
    const text = textRuns(document).join('\n');
    expect(text).toContain(citizen.data.nationalId);
    expect(text).not.toContain(citizen.activationCode);
    expect(text).not.toContain(conditionsVersion);
  });

  test('lifts no block', async () => {
    const citizen = await activeCitizen(stack);
    await blockPassword(stack, citizen);
    expect((await regenerateWith(stack, citizen)).body.code).toBe('registration-act-needed');
    await suspend(stack, citizen);
    expect((await regenerateWith(stack, citizen, 'dnie')).body.code).toBe('registration-act-needed');
  });

  test('is for who is registered', async () => {
    const reply = await regenerateWith(stack, new Citizen(stack));
    expect(reply).toMatchObject({ status: 404, body: { code: 'not-registered' } });
  });
});

describe.each(['/activation-codes', '/identification-renewals'])('%s', (path) => {
  test('takes a national id from officers only, and always', async () => {
    const citizen = await new Citizen(stack).register();
    const { nationalId } = citizen.data;
    const token = await certificateToken(stack, citizen.data);
    expect(await requestWithRetry(stack, 'POST', path, { body: { nationalId }, token })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/nationalId', code: 'unknown-field' }] },
    });
    expect(await byOffice(path, {})).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/nationalId', code: 'required' }] },
    });
    // The refusal has not used it up.
    expect((await requestWithRetry(stack, 'POST', path, { body: {}, token })).status).toBe(201);
    expect((await requestWithRetry(stack, 'POST', path, { body: {}, token })).status).toBe(401);
  });
});

describe('the renewal of the five years', () => {
  test('with the DNIe sets the clock anew, and nothing else', async () => {
    const citizen = await registerOnline(stack, new Citizen(stack), { profile: 'fnmt-natural-person' });
    await citizen.activateOrReset();
    const session = await newSession(stack, citizen);
    const before = await rowOf(citizen);
    const { status, body } = await renewWith(stack, citizen);
    expect(status).toBe(201);
    const { at, by, dueAt } = body.lastStrongIdentification;
    expect(by).toBe('dnie');
    expect(Date.parse(dueAt)).toBe(after(Date.parse(at), 'P5Y'));
    const { strongIdentifiedAt, ...others } = await rowOf(citizen);
    expect(strongIdentifiedAt?.toISOString()).toBe(at);
    expect(others).toMatchObject({ codeId: before.codeId, actId: before.actId, strongIdentifiedBy: 'dnie' });
    const current = await currentSession(stack, session);
    expect(current.body.citizen.lastStrongIdentification).toEqual({ at, by, dueAt });
    expect((await lookUp(stack, citizen)).body.lastStrongIdentification).toEqual({ at, by, dueAt });
    const { events } = (await activity(stack, session)).body;
    expect(events.map(({ type }: { type: string }) => type)).toContain('identification-renewed');
    const notices = () =>
      citizen.smsMessages().filter((text) => text.includes('queda acreditada por cinco años'));
    expect(await until(notices, ({ length }) => length > 0)).toHaveLength(1);
    const { citizenId } = citizen;
    const kinds = await stack.db.prisma.actEvidence.findMany({
      where: { citizenId },
      select: { kind: true },
    });
    expect(kinds.map(({ kind }) => kind).sort()).toEqual(['identification-renewal', 'registration']);
  });

  test('with another certificate is refused, says why, and is audited', async () => {
    const citizen = await registerOnline(stack, new Citizen(stack));
    const before = await rowOf(citizen);
    for (const profile of ['fnmt-natural-person', 'accv-citizen'] as const) {
      const reply = await renewWith(stack, citizen, profile, { 'Accept-Language': 'en' });
      expect(reply).toMatchObject({ status: 403, body: { code: 'dnie-needed' } });
      expect(reply.body.detail).toContain('No other certificate is valid for it');
    }
    expect(await rowOf(citizen)).toEqual(before);
    expect(await auditTypesOf(stack, citizen.citizenId)).not.toContain('identification-renewed');
  });

  test('at an office needs no card, and its repetition changes nothing', async () => {
    const citizen = await activeCitizen(stack);
    const { nationalId } = citizen.data;
    const headers = { 'Idempotency-Key': randomUUID() };
    const renew = () =>
      requestWithRetry(stack, 'POST', '/identification-renewals', {
        ...{ body: { nationalId }, token: stack.officeKey, headers },
      });
    const [one, two] = [await renew(), await renew()];
    expect(one).toMatchObject({ status: 201, body: { lastStrongIdentification: { by: 'office' } } });
    expect(two.body).toEqual(one.body);
    expect(
      (await auditTypesOf(stack, citizen.citizenId)).filter((type) => type === 'identification-renewed'),
    ).toHaveLength(1);
    expect(await stack.db.prisma.actEvidence.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
  });

  test('leaves a suspension as it is', async () => {
    const citizen = await activeCitizen(stack);
    await suspend(stack, citizen);
    expect((await renewWith(stack, citizen)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.status).toBe('suspended');
  });

  test('is for who is registered', async () => {
    const { nationalId } = new Citizen(stack).data;
    expect((await renewWith(stack, new Citizen(stack))).body.code).toBe('not-registered');
    expect((await byOffice('/identification-renewals', { nationalId })).body.code).toBe('not-registered');
  });
});
