import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { ActivityEnvironment, noAnswer } from '../environment/activity-environment.ts';

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

/** Runs an activity and runs it again, as after a crash before it was known to have run. */
async function twice<Result>(activity: () => Promise<Result>): Promise<Result> {
  const first = await activity();
  expect(await activity()).toEqual(first);
  return first;
}

describe('an activity that runs twice has one effect', () => {
  test('a registration act', async () => {
    const act = await env.stageAct();
    expect(await twice(() => env.citizenActivities.applyRegistration(act))).toMatchObject({
      kind: 'applied',
      again: false,
    });
    expect(await env.db.prisma.citizen.count({ where: { id: act.citizenId } })).toBe(1);
    expect(await env.trail(act.citizenId)).toEqual(['citizen-registered']);
  });

  test('the opening of a journey: one journey, one text reserved, one taken from the allowance', async () => {
    const { opening, opened } = await env.openJourney();
    expect(await env.citizenActivities.openJourney(opening)).toEqual(opened);
    const { prisma } = env.db;
    expect(await prisma.journey.count({ where: { citizenId: opening.citizenId } })).toBe(1);
    const [text] = await prisma.text.findMany({ where: { journeyId: opening.journeyId } });
    expect(await prisma.textAllowance.findUnique({ where: { key: text?.allowance ?? '' } })).toMatchObject({
      used: 1,
    });
    expect(await env.trail(opening.citizenId)).toEqual(['citizen-registered', 'journey-begun']);
  });

  test('the saving of a password: in force once, its journey finished, nothing staged', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId } = opening;
    const saving = env.savePasswordInput(citizenId, journeyId, await env.stagePassword(citizenId, journeyId));
    expect(await twice(() => env.citizenActivities.savePassword(saving))).toEqual({ kind: 'saved' });
    const { prisma } = env.db;
    expect(await prisma.password.findUnique({ where: { citizenId } })).toMatchObject({
      id: saving.passwordId,
    });
    expect(await prisma.journey.findUnique({ where: { id: journeyId } })).toMatchObject({
      outcome: 'activated',
    });
    expect(await prisma.stagedPassword.count({ where: { citizenId } })).toBe(0);
    expect((await env.trail(citizenId)).filter((type) => type === 'password-set')).toHaveLength(1);
  });

  test('the end of a journey, which is not ended otherwise afterwards', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId, requestId, kind } = opening;
    const closing = { journeyId, citizenId, kind, requestId, closedAtMs: 4_000 };
    await twice(() => env.citizenActivities.closeJourney({ ...closing, outcome: 'timed-out' }));
    await env.citizenActivities.closeJourney({ ...closing, outcome: 'superseded' });
    expect(await env.db.prisma.journey.findUnique({ where: { id: journeyId } })).toMatchObject({
      outcome: 'timed-out',
    });
  });

  test('an event of the trail', async () => {
    const act = await env.stageAct();
    await twice(() =>
      env.citizenActivities.recordEvent({ type: 'otp-refused' }, { id: 'one', citizenId: act.citizenId }),
    );
    expect(await env.trail(act.citizenId)).toEqual(['otp-refused']);
  });

  test('the confirmation of a phone: the first instant stays', async () => {
    const { opening } = await env.openJourney();
    const stamp = { id: randomUUID(), citizenId: opening.citizenId, journeyId: opening.journeyId };
    await env.citizenActivities.confirmPhone(stamp, 5_000);
    await env.citizenActivities.confirmPhone(stamp, 6_000);
    const citizen = await env.db.prisma.citizen.findUnique({ where: { id: opening.citizenId } });
    expect(citizen?.phoneConfirmedAt?.getTime()).toBe(5_000);
  });
});

describe('a text', () => {
  const order = async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId, kind } = opening;
    return { citizenId, journeyId, kind, number: 1, keyId: 'k1', minutes: 10 };
  };

  test('that the provider has taken is not sent again', async () => {
    const about = await order();
    const before = env.smsMessages.length;
    expect(await twice(() => env.smsActivities.sendOtp(about))).toEqual({ kind: 'sent' });
    expect(env.smsMessages.length - before).toBe(1);
  });

  test('has the same digits when its answer was lost, and both tries are counted', async () => {
    const about = await order();
    const before = env.smsMessages.length;
    env.provider = noAnswer;
    await expect(env.smsActivities.sendOtp(about)).rejects.toThrow('no-answer');
    env.provider = undefined;
    await env.smsActivities.sendOtp(about);
    const [first, second] = env.smsMessages.slice(before);
    expect(second).toEqual(first);
    expect(await env.db.prisma.text.findUnique({ where: { id: `${about.journeyId}/1` } })).toMatchObject({
      attempts: 2,
    });
  });

  test('has the digits of the key that it was ordered with, also once another key makes new ones', async () => {
    const about = await order();
    const rotated = env.smsActivitiesWith({ id: 'k2', bytes: randomBytes(32) });
    await rotated.sendOtp(about);
    expect(env.smsMessages.at(-1)?.body).toContain(otpDigits(env.ring, about, 'k1'));
  });

  test('that the provider refuses gives its place in the allowance back, once', async () => {
    const about = await order();
    env.provider = () => ({ kind: 'refused', failure: 'provider-21211' });
    expect(await twice(() => env.smsActivities.sendOtp(about))).toEqual({ kind: 'refused' });
    env.provider = undefined;
    const text = await env.db.prisma.text.findUnique({ where: { id: `${about.journeyId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'provider-21211' });
    const allowance = await env.db.prisma.textAllowance.findUnique({
      where: { key: text?.allowance ?? '' },
    });
    expect(allowance?.used).toBe(0);
  });

  test('of a notice is one, and names no code', async () => {
    const { opening } = await env.openJourney();
    const before = env.smsMessages.length;
    const notice = { noticeId: randomUUID(), citizenId: opening.citizenId, notice: 'welcome' as const };
    await twice(() => env.smsActivities.sendNotice(notice));
    expect(env.smsMessages.slice(before).map(({ body }) => /\d{6}/.test(body))).toEqual([false]);
  });
});

describe('the allowance of a phone', () => {
  test('is used up by as many as there may be, apart for code and password, until its period ends', async () => {
    const { opening } = await env.openJourney();
    const { citizenId } = opening;
    expect((await env.openJourneyOf(citizenId)).opened.kind).toBe('prepared');
    expect((await env.openJourneyOf(citizenId)).opened).toEqual({
      kind: 'sms-limit-reached',
      retryAtMs: 86_402_000,
    });
    expect((await env.openJourneyOf(citizenId, 'password')).opened.kind).toBe('prepared');
    const later = { ...opening, journeyId: randomUUID(), tokenDigest: randomUUID(), startedAtMs: 86_402_001 };
    expect((await env.citizenActivities.openJourney(later)).kind).toBe('prepared');
  });

  test('is not taken beyond by many at once', async () => {
    const { opening } = await env.openJourney();
    const opened = await Promise.all(Array.from({ length: 8 }, () => env.openJourneyOf(opening.citizenId)));
    expect(opened.filter(({ opened: { kind } }) => kind === 'prepared')).toHaveLength(1);
  });
});
