import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { noAnswer, Workshop } from '../environment/activity-environment.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
});
afterAll(() => shop.close());

/** Runs an activity and runs it again, as after a crash before it was known to have run. */
async function twice<Result>(activity: () => Promise<Result>): Promise<Result> {
  const first = await activity();
  expect(await activity()).toEqual(first);
  return first;
}

describe('an activity that runs twice has one effect', () => {
  test('a registration act', async () => {
    const act = await shop.act();
    expect(await twice(() => shop.write.applyRegistration(act))).toMatchObject({
      kind: 'applied',
      again: false,
    });
    expect(await shop.db.prisma.citizen.count({ where: { id: act.citizenId } })).toBe(1);
    expect(await shop.trail(act.citizenId)).toEqual(['citizen-registered']);
  });

  test('the opening of a visit: one journey, one text reserved, one taken from the allowance', async () => {
    const { opening, opened } = await shop.visit();
    expect(await shop.write.openVisit(opening)).toEqual(opened);
    const { prisma } = shop.db;
    expect(await prisma.journey.count({ where: { citizenId: opening.citizenId } })).toBe(1);
    const [text] = await prisma.text.findMany({ where: { journeyId: opening.visitId } });
    expect(await prisma.textAllowance.findUnique({ where: { key: text?.allowance ?? '' } })).toMatchObject({
      used: 1,
    });
    expect(await shop.trail(opening.citizenId)).toEqual(['citizen-registered', 'journey-begun']);
  });

  test('the saving of a password: in force once, its journey finished, nothing staged', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId } = opening;
    const saving = shop.saving(citizenId, visitId, await shop.stage(citizenId, visitId));
    expect(await twice(() => shop.write.savePassword(saving))).toEqual({ kind: 'saved' });
    const { prisma } = shop.db;
    expect(await prisma.password.findUnique({ where: { citizenId } })).toMatchObject({
      id: saving.passwordId,
    });
    expect(await prisma.journey.findUnique({ where: { id: visitId } })).toMatchObject({
      outcome: 'activated',
    });
    expect(await prisma.stagedPassword.count({ where: { citizenId } })).toBe(0);
    expect((await shop.trail(citizenId)).filter((type) => type === 'password-set')).toHaveLength(1);
  });

  test('the end of a visit, which is not ended otherwise afterwards', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId, requestId, kind } = opening;
    const closing = { visitId, citizenId, kind, requestId, closedAtMs: 4_000 };
    await twice(() => shop.write.closeVisit({ ...closing, outcome: 'timed-out' }));
    await shop.write.closeVisit({ ...closing, outcome: 'superseded' });
    expect(await shop.db.prisma.journey.findUnique({ where: { id: visitId } })).toMatchObject({
      outcome: 'timed-out',
    });
  });

  test('an event of the trail', async () => {
    const act = await shop.act();
    await twice(() =>
      shop.write.recordEvent({ type: 'otp-refused' }, { id: 'one', citizenId: act.citizenId }),
    );
    expect(await shop.trail(act.citizenId)).toEqual(['otp-refused']);
  });

  test('the confirmation of a phone: the first instant stays', async () => {
    const { opening } = await shop.visit();
    const stamp = { id: randomUUID(), citizenId: opening.citizenId, journeyId: opening.visitId };
    await shop.write.confirmPhone(stamp, 5_000);
    await shop.write.confirmPhone(stamp, 6_000);
    const citizen = await shop.db.prisma.citizen.findUnique({ where: { id: opening.citizenId } });
    expect(citizen?.phoneConfirmedAt?.getTime()).toBe(5_000);
  });
});

describe('a text', () => {
  const order = async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId, kind } = opening;
    return { citizenId, visitId, kind, number: 1, keyId: 'k1', minutes: 10 };
  };

  test('that the provider has taken is not sent again', async () => {
    const about = await order();
    const before = shop.texts.length;
    expect(await twice(() => shop.text.sendOtp(about))).toEqual({ kind: 'sent' });
    expect(shop.texts.length - before).toBe(1);
  });

  test('has the same digits when its answer was lost, and both tries are counted', async () => {
    const about = await order();
    const before = shop.texts.length;
    shop.provider = noAnswer;
    await expect(shop.text.sendOtp(about)).rejects.toThrow('no-answer');
    shop.provider = undefined;
    await shop.text.sendOtp(about);
    const [first, second] = shop.texts.slice(before);
    expect(second).toEqual(first);
    expect(await shop.db.prisma.text.findUnique({ where: { id: `${about.visitId}/1` } })).toMatchObject({
      attempts: 2,
    });
  });

  test('that the provider refuses gives its place in the allowance back, once', async () => {
    const about = await order();
    shop.provider = () => ({ kind: 'refused', failure: 'provider-21211' });
    expect(await twice(() => shop.text.sendOtp(about))).toEqual({ kind: 'refused' });
    shop.provider = undefined;
    const text = await shop.db.prisma.text.findUnique({ where: { id: `${about.visitId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'provider-21211' });
    const allowance = await shop.db.prisma.textAllowance.findUnique({
      where: { key: text?.allowance ?? '' },
    });
    expect(allowance?.used).toBe(0);
  });

  test('of a notice is one, and names no code', async () => {
    const { opening } = await shop.visit();
    const before = shop.texts.length;
    const notice = { noticeId: randomUUID(), citizenId: opening.citizenId, notice: 'welcome' as const };
    await twice(() => shop.text.sendNotice(notice));
    expect(shop.texts.slice(before).map(({ body }) => /\d{6}/.test(body))).toEqual([false]);
  });
});

describe('the allowance of a phone', () => {
  test('is used up by as many as there may be, apart for code and password, until its period ends', async () => {
    const { opening } = await shop.visit();
    const { citizenId } = opening;
    expect((await shop.visitOf(citizenId)).opened.kind).toBe('prepared');
    expect((await shop.visitOf(citizenId)).opened).toEqual({ kind: 'texts-used-up', retryAtMs: 86_402_000 });
    expect((await shop.visitOf(citizenId, 'password')).opened.kind).toBe('prepared');
    const later = { ...opening, visitId: randomUUID(), tokenDigest: randomUUID(), startedAtMs: 86_402_001 };
    expect((await shop.write.openVisit(later)).kind).toBe('prepared');
  });

  test('is not taken beyond by many at once', async () => {
    const { opening } = await shop.visit();
    const opened = await Promise.all(Array.from({ length: 8 }, () => shop.visitOf(opening.citizenId)));
    expect(opened.filter(({ opened: { kind } }) => kind === 'prepared')).toHaveLength(1);
  });
});
