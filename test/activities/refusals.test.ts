import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noAnswer, Workshop } from '../environment/activity-environment.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
});
afterAll(() => shop.close());

describe('a staged password is never taken', () => {
  test('by another visit of the same citizen', async () => {
    const { opening } = await shop.visit();
    const other = await shop.visitOf(opening.citizenId);
    const staged = await shop.stage(opening.citizenId, other.opening.visitId);
    const saving = shop.saving(opening.citizenId, opening.visitId, staged);
    expect(await shop.write.savePassword(saving)).toEqual({ kind: 'refused' });
  });

  test('by another citizen', async () => {
    const [mine, theirs] = [await shop.visit(), await shop.visit()];
    const staged = await shop.stage(theirs.opening.citizenId, theirs.opening.visitId);
    const saving = shop.saving(mine.opening.citizenId, mine.opening.visitId, staged);
    expect(await shop.write.savePassword(saving)).toEqual({ kind: 'refused' });
    expect(await shop.db.prisma.password.count({ where: { citizenId: mine.opening.citizenId } })).toBe(0);
  });

  test('a second time, after another has followed it', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId } = opening;
    const first = shop.saving(citizenId, visitId, await shop.stage(citizenId, visitId));
    await shop.write.savePassword(first);
    const next = await shop.visitOf(citizenId, 'password');
    const second = shop.saving(
      citizenId,
      next.opening.visitId,
      await shop.stage(citizenId, next.opening.visitId),
    );
    await shop.write.savePassword(second);
    expect(await shop.write.savePassword(first)).toEqual({ kind: 'refused' });
    expect(await shop.db.prisma.password.findUnique({ where: { citizenId } })).toMatchObject({
      id: second.passwordId,
    });
  });
});

describe('a phone', () => {
  test('that was never confirmed yields to a new act', async () => {
    const { opening } = await shop.visit();
    const { phone } = await shop.db.prisma.citizen.findUniqueOrThrow({ where: { id: opening.citizenId } });
    expect(await shop.write.applyRegistration(await shop.act({ phone }))).toMatchObject({ kind: 'applied' });
    expect(await shop.db.prisma.citizen.findUnique({ where: { id: opening.citizenId } })).toMatchObject({
      phone: null,
    });
    expect(await shop.trail(opening.citizenId)).toContain('phone-yielded');
  });

  test('that was confirmed does not, unless its citizen has left', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId } = opening;
    await shop.write.confirmPhone({ id: randomUUID(), citizenId, journeyId: visitId }, 5_000);
    const { phone } = await shop.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    expect(await shop.write.applyRegistration(await shop.act({ phone }))).toEqual({ kind: 'phone-in-use' });
    await shop.db.prisma.citizen.update({ where: { id: citizenId }, data: { unsubscribedAt: new Date() } });
    expect(await shop.write.applyRegistration(await shop.act({ phone }))).toMatchObject({ kind: 'applied' });
  });

  test('belongs to one of two who register it in the same moment', async () => {
    const phone = '+34699888777';
    const acts = await Promise.all([shop.act({ phone }), shop.act({ phone })]);
    await Promise.all(acts.map((act) => shop.write.applyRegistration(act)));
    expect(await shop.db.prisma.citizen.count({ where: { phone } })).toBe(1);
  });
});

describe('a text', () => {
  test('to a country that is not allowed, no longer perhaps, costs no call and no allowance', async () => {
    const { opening } = await shop.visit('code', { phone: '+33612345678' });
    const { citizenId, visitId, kind } = opening;
    const order = { citizenId, visitId, kind, number: 1, keyId: 'k1', minutes: 10 };
    expect(await shop.text.sendOtp(order)).toEqual({ kind: 'refused' });
    expect(shop.texts).toEqual([]);
    const text = await shop.db.prisma.text.findUniqueOrThrow({ where: { id: `${visitId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'country-not-allowed', attempts: 0 });
    const key = text.allowance ?? '';
    expect(await shop.db.prisma.textAllowance.findUnique({ where: { key } })).toMatchObject({ used: 0 });
    expect(await shop.trail(citizenId)).toContain('otp-not-sent');
  });

  test('that the provider did not take before its journey was over is not tried again', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId, kind, requestId } = opening;
    const order = { citizenId, visitId, kind, number: 1, keyId: 'k1', minutes: 10 };
    shop.provider = noAnswer;
    await expect(shop.text.sendOtp(order)).rejects.toThrow('no-answer');
    shop.provider = undefined;
    await shop.write.closeVisit({
      visitId,
      citizenId,
      kind,
      requestId,
      outcome: 'superseded',
      closedAtMs: 3_000,
    });
    const before = shop.texts.length;
    expect(await shop.text.sendOtp(order)).toEqual({ kind: 'refused' });
    expect(shop.texts).toHaveLength(before);
  });
});

test('a national id belongs to the one of two citizens who was first', async () => {
  const first = await shop.act();
  await shop.write.applyRegistration(first);
  const { nationalId } = await shop.db.prisma.citizen.findUniqueOrThrow({ where: { id: first.citizenId } });
  expect(await shop.write.applyRegistration(await shop.act({ nationalId }))).toEqual({
    kind: 'other-citizen',
  });
});

test('what has been kept long enough leaves the trail through one function, which takes no argument', async () => {
  const { db, database } = shop;
  const act = await shop.act();
  await shop.write.recordEvent({ type: 'otp-refused' }, { id: 'old', citizenId: act.citizenId });
  await shop.write.recordEvent({ type: 'otp-refused' }, { id: 'new', citizenId: act.citizenId });
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
