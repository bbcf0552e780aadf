import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ActivityEnvironment, noAnswer } from '../environment/activity-environment.ts';

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

describe('a staged password is never taken', () => {
  test('by another journey of the same citizen', async () => {
    const { opening } = await env.openJourney();
    const other = await env.openJourneyOf(opening.citizenId);
    const staged = await env.stagePassword(opening.citizenId, other.opening.journeyId);
    const saving = env.savePasswordInput(opening.citizenId, opening.journeyId, staged);
    expect(await env.citizenActivities.savePassword(saving)).toEqual({ kind: 'refused' });
  });

  test('by another citizen', async () => {
    const [mine, theirs] = [await env.openJourney(), await env.openJourney()];
    // The second as if the ids of journeys were no secret.
    for (const { opening } of [theirs, mine]) {
      const staged = await env.stagePassword(theirs.opening.citizenId, opening.journeyId);
      const saving = env.savePasswordInput(mine.opening.citizenId, mine.opening.journeyId, staged);
      expect(await env.citizenActivities.savePassword(saving)).toEqual({ kind: 'refused' });
    }
    expect(await env.db.prisma.password.count({ where: { citizenId: mine.opening.citizenId } })).toBe(0);
  });

  test('a second time, after another has followed it', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId } = opening;
    const first = env.savePasswordInput(citizenId, journeyId, await env.stagePassword(citizenId, journeyId));
    await env.citizenActivities.savePassword(first);
    const next = await env.openJourneyOf(citizenId, 'password');
    const second = env.savePasswordInput(
      citizenId,
      next.opening.journeyId,
      await env.stagePassword(citizenId, next.opening.journeyId),
    );
    await env.citizenActivities.savePassword(second);
    expect(await env.citizenActivities.savePassword(first)).toEqual({ kind: 'refused' });
    expect(await env.db.prisma.password.findUnique({ where: { citizenId } })).toMatchObject({
      id: second.passwordId,
    });
  });
});

describe('an act by certificate', () => {
  const reserve = async (messageId: string): Promise<string> => {
    const id = randomUUID();
    await env.db.prisma.certificateIdentification.create({
      data: {
        ...{
          id,
          ticketId: randomUUID(),
          purpose: 'act',
          profile: 'dnie',
          sealedEvidence: '',
          codeDigest: '',
        },
        ...{ notAfter: new Date(Date.now() + 60_000), codeExpiresAt: new Date(), usedBy: messageId },
      },
    });
    return id;
  };

  test('of which the sender has given up, or that PostgreSQL knows to be refused, does nothing', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId, requestId } = opening;
    const first = env.savePasswordInput(citizenId, journeyId, await env.stagePassword(citizenId, journeyId));
    await env.citizenActivities.savePassword(first);
    const messageId = randomUUID();
    const certificateId = await reserve(messageId);
    const passwordId = await env.stagePassword(citizenId, messageId);
    const act = { citizenId, certificateId, messageId, requestId, answerByMs: Date.now() + 60_000 };
    const saving = { ...act, passwordId, setAtMs: 4_000, expiresAtMs: 63_072_004_000 };
    const { savePasswordByCertificate, unsubscribeByCertificate } = env.citizenActivities;
    const save = () => savePasswordByCertificate(saving);
    const leave = () => unsubscribeByCertificate({ ...act, unsubscribedAtMs: 5_000 });
    const where = { id: certificateId };
    // The activity is retried after an outage of PostgreSQL, when the API has already answered 503.
    const late = { ...act, answerByMs: Date.now() - 1_300 };
    expect([
      await savePasswordByCertificate({ ...saving, ...late }),
      await unsubscribeByCertificate({ ...late, unsubscribedAtMs: 5_000 }),
    ]).toEqual([{ kind: 'superseded' }, { kind: 'superseded' }]);
    await env.db.prisma.certificateIdentification.update({ where, data: { usedBy: null } });
    expect([await save(), await leave()]).toEqual([{ kind: 'superseded' }, { kind: 'superseded' }]);
    await env.db.prisma.certificateIdentification.update({ where, data: { usedBy: messageId } });
    await env.db.prisma.citizen.update({ where: { id: citizenId }, data: { suspendedAt: new Date() } });
    expect([await save(), await leave()]).toEqual([{ kind: 'suspended' }, { kind: 'suspended' }]);
    await env.db.prisma.citizen.update({ where: { id: citizenId }, data: { suspendedAt: null } });
    const password = { citizenId };
    await env.db.prisma.password.update({ where: password, data: { blockedAt: new Date() } });
    expect(await save()).toEqual({ kind: 'reset-needed' });
    await env.db.prisma.password.update({ where: password, data: { blockedAt: null } });
    // Twice, as after a crash before it was known to have run.
    expect([await save(), await save()]).toEqual([{ kind: 'saved' }, { kind: 'saved' }]);
    expect(await env.db.prisma.password.findUnique({ where: password })).toMatchObject({ id: passwordId });
    expect([await leave(), await leave()]).toEqual([{ kind: 'unsubscribed' }, { kind: 'unsubscribed' }]);
    const trail = await env.trail(citizenId);
    expect(trail.filter((type) => type === 'password-set')).toHaveLength(2);
    expect(trail.filter((type) => type === 'citizen-unsubscribed')).toHaveLength(1);
  });
});

describe('a phone', () => {
  test('that was never confirmed yields to a new act', async () => {
    const { opening } = await env.openJourney();
    const { phone } = await env.db.prisma.citizen.findUniqueOrThrow({ where: { id: opening.citizenId } });
    expect(await env.citizenActivities.applyRegistration(await env.stageAct({ phone }))).toMatchObject({
      kind: 'applied',
    });
    expect(await env.db.prisma.citizen.findUnique({ where: { id: opening.citizenId } })).toMatchObject({
      phone: null,
    });
    expect(await env.trail(opening.citizenId)).toContain('phone-yielded');
  });

  test('that was confirmed does not, unless its citizen has left', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId } = opening;
    await env.citizenActivities.confirmPhone({ id: randomUUID(), citizenId, journeyId }, 5_000);
    const { phone } = await env.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    expect(await env.citizenActivities.applyRegistration(await env.stageAct({ phone }))).toEqual({
      kind: 'phone-in-use',
    });
    await env.db.prisma.citizen.update({ where: { id: citizenId }, data: { unsubscribedAt: new Date() } });
    expect(await env.citizenActivities.applyRegistration(await env.stageAct({ phone }))).toMatchObject({
      kind: 'applied',
    });
  });

  test('belongs to one of two citizens who register it in the same moment', async () => {
    const phone = '+34699888777';
    const acts = await Promise.all([env.stageAct({ phone }), env.stageAct({ phone })]);
    await Promise.all(acts.map((act) => env.citizenActivities.applyRegistration(act)));
    expect(await env.db.prisma.citizen.count({ where: { phone } })).toBe(1);
  });
});

describe('a text', () => {
  test('to a country that is not allowed, no longer perhaps, costs no call and no allowance', async () => {
    const { opening } = await env.openJourney('activation-code', { phone: '+33612345678' });
    const { citizenId, journeyId, kind } = opening;
    const order = { citizenId, journeyId, kind, number: 1, keyId: 'k1', minutes: 10 };
    expect(await env.smsActivities.sendOtp(order)).toEqual({ kind: 'refused' });
    expect(env.smsMessages).toEqual([]);
    const text = await env.db.prisma.text.findUniqueOrThrow({ where: { id: `${journeyId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'country-not-allowed', attempts: 0 });
    const key = text.allowance ?? '';
    expect(await env.db.prisma.textAllowance.findUnique({ where: { key } })).toMatchObject({ used: 0 });
    expect(await env.trail(citizenId)).toContain('otp-not-sent');
  });

  test('that the provider did not take before its journey was over is not tried again', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId, kind, requestId } = opening;
    const order = { citizenId, journeyId, kind, number: 1, keyId: 'k1', minutes: 10 };
    env.provider = noAnswer;
    await expect(env.smsActivities.sendOtp(order)).rejects.toThrow('no-answer');
    env.provider = undefined;
    await env.citizenActivities.closeJourney({
      journeyId,
      citizenId,
      kind,
      requestId,
      outcome: 'superseded',
      closedAtMs: 3_000,
    });
    const before = env.smsMessages.length;
    expect(await env.smsActivities.sendOtp(order)).toEqual({ kind: 'refused' });
    expect(env.smsMessages).toHaveLength(before);
  });
});

test('a national id belongs to the one of two citizens who was first', async () => {
  const first = await env.stageAct();
  await env.citizenActivities.applyRegistration(first);
  const { nationalId } = await env.db.prisma.citizen.findUniqueOrThrow({ where: { id: first.citizenId } });
  expect(await env.citizenActivities.applyRegistration(await env.stageAct({ nationalId }))).toEqual({
    kind: 'other-citizen',
  });
});

test('what has been kept long enough leaves the trail through one function, which takes no argument', async () => {
  const { db, database } = env;
  const act = await env.stageAct();
  await env.citizenActivities.recordEvent({ type: 'otp-refused' }, { id: 'old', citizenId: act.citizenId });
  await env.citizenActivities.recordEvent({ type: 'otp-refused' }, { id: 'new', citizenId: act.citizenId });
  const { Client } = await import('pg');
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query(`UPDATE "AuditEvent" SET at = now() - interval '6 years' WHERE id = 'old/otp-refused'`);
  expect(await db.prisma.$queryRaw`SELECT destroy_due_audit()::int AS destroyed`).toEqual([{ destroyed: 0 }]);
  await owner.query(`INSERT INTO "AuditRetention" (id, keep) VALUES (1, 'P5Y')`);
  expect(await db.prisma.$queryRaw`SELECT destroy_due_audit()::int AS destroyed`).toEqual([{ destroyed: 1 }]);
  const { rows } = await owner.query(`SELECT id FROM "AuditEvent" WHERE "citizenId" = $1`, [act.citizenId]);
  expect(rows).toEqual([{ id: 'new/otp-refused' }]);
  // Nor does a table of the application's own decide: temporary ones are named last.
  const functions = `SELECT proconfig::text AS settings FROM pg_proc
    WHERE prosecdef AND pronamespace = 'public'::regnamespace`;
  const { rows: own } = await owner.query<{ settings: string }>(functions);
  expect(own.length).toBeGreaterThan(1);
  for (const { settings } of own) expect(settings).toContain('pg_catalog, public, pg_temp');
  await owner.end();
});
