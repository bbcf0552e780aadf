import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { policyWith } from '../environment/test-database.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const second = 1_000;
const minute = 60 * second;

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

const registered = async (): Promise<Resident> => {
  const resident = new Resident(clockwork.town);
  await resident.register();
  return resident;
};

/** The journey's end is written by an activity a moment after. */
async function rowOnceOver(resident: Resident, visitId = resident.visitId) {
  for (;;) {
    const row = await resident.row(visitId);
    if (row.finishedAt) return row;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a visit left alone', () => {
  test('ends half an hour after it began, at whatever step, and its row says so', async () => {
    const resident = await registered();
    for (const step of ['otp', 'password'] as const) {
      await resident.enterCode();
      const begunAtMs = await clockwork.nowMs();
      if (step === 'password') await resident.enterOtp(await resident.otp());
      await clockwork.passUntil(begunAtMs + 29 * minute);
      expect(await resident.view()).toMatchObject({ step, outcome: null });
      await clockwork.passUntil(begunAtMs + 31 * minute);
      const row = await rowOnceOver(resident);
      expect(row).toMatchObject({ outcome: 'timed-out', finishedBy: null });
      expect((row.finishedAt?.getTime() ?? 0) - row.expiresAt.getTime()).toBeLessThan(second);
      expect(row.expiresAt.getTime() - row.startedAt.getTime()).toBe(30 * minute);
    }
    expect(await resident.standing()).toMatchObject({ status: 'registered' });
  });

  test('lives as long as the policy said when it was opened', async () => {
    const resident = await registered();
    await resident.enterCode(resident.code, { policy: policyWith({ visitLife: 'PT5M' }) });
    await clockwork.pass(6 * minute);
    expect(await rowOnceOver(resident)).toMatchObject({ outcome: 'timed-out' });
  });

  test('that waits for a password takes none afterwards', async () => {
    const resident = await registered();
    await resident.enterCode();
    await resident.enterOtp(await resident.otp());
    await clockwork.pass(31 * minute);
    expect(await refusalOf(resident.choosePassword())).toMatch(/NoSuchVisit|JourneyOver/);
    expect(await clockwork.db.prisma.password.count({ where: { citizenId: resident.citizenId } })).toBe(0);
  });
});

describe('a later visit', () => {
  test('supersedes the one before, whose code and token open nothing any more', async () => {
    const resident = await registered();
    await resident.enterCode();
    const first = resident.visitId;
    const firstOtp = await resident.otp();
    await resident.enterCode();
    expect(resident.visitId).not.toBe(first);
    expect(await rowOnceOver(resident, first)).toMatchObject({ outcome: 'superseded' });
    expect(await refusalOf(resident.enterOtp(firstOtp, { visitId: first }))).toBe('NoSuchVisit');
    expect(await resident.enterOtp(firstOtp)).toMatchObject({ kind: 'refused' });
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
    expect(await resident.choosePassword()).toMatchObject({ journey: { outcome: 'activated' } });
  });

  test('a registration act ends it, with its code, and keeps the password', async () => {
    const resident = await registered();
    await resident.setPassword();
    await resident.enterCode();
    const [oldCode, first] = [resident.code, resident.visitId];
    await resident.register({ phone: '+34699000111' });
    expect(await rowOnceOver(resident, first)).toMatchObject({ outcome: 'superseded' });
    expect(await resident.enterCode(oldCode)).toEqual({ kind: 'wrong' });
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    expect(await resident.enterCode()).toMatchObject({
      kind: 'accepted',
      journey: { kind: 'password-reset' },
    });
  });

  test('a new activation code ends it too, and does not lift a block', async () => {
    const resident = await registered();
    await resident.enterCode();
    const first = resident.visitId;
    await resident.regenerate();
    expect(await rowOnceOver(resident, first)).toMatchObject({ outcome: 'superseded' });
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'blocked' });
    expect(await refusalOf(resident.enterCode())).toBe('CodeBlocked');
    expect(await refusalOf(resident.regenerate())).toBe('ActNeeded');
    await resident.register();
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });
});

describe('an SMS code', () => {
  test.each([
    { after: '9:59', ms: 9 * minute + 59 * second, reply: 'accepted' },
    { after: '10:01', ms: 10 * minute + 1 * second, reply: 'OtpExpired' },
  ])('entered after $after is $reply', async ({ ms, reply }) => {
    const resident = await registered();
    const begun = await resident.enterCode();
    const otp = await resident.otp();
    const expiresAtMs = begun.kind === 'accepted' ? (begun.journey.otp?.expiresAtMs ?? 0) : 0;
    await clockwork.passUntil(expiresAtMs - 10 * minute + ms);
    if (reply === 'accepted') expect(await resident.enterOtp(otp)).toMatchObject({ kind: reply });
    else expect(await refusalOf(resident.enterOtp(otp))).toBe(reply);
  });

  test('that has expired is not counted, and another can be had in its place', async () => {
    const resident = await registered();
    await resident.enterCode();
    const otp = await resident.otp();
    await clockwork.pass(11 * minute);
    for (let entry = 1; entry <= 6; entry += 1)
      expect(await refusalOf(resident.enterOtp(otp))).toBe('OtpExpired');
    expect(await resident.view()).toMatchObject({ step: 'otp', otp: { attemptsLeft: 3 } });
    expect(await resident.resend()).toMatchObject({ kind: 'sending', journey: { otp: { sendsLeft: 1 } } });
    expect(await refusalOf(resident.resend())).toBe('TooMany');
    expect(await resident.enterOtp(await resident.otp(2))).toMatchObject({ kind: 'accepted' });
  });

  test('that was sent again brings no new guesses: the fourth wrong entry ends the visit', async () => {
    const resident = await registered();
    await resident.enterCode();
    await resident.otp();
    expect(await resident.enterWrongOtp()).toMatchObject({
      kind: 'refused',
      journey: { otp: { attemptsLeft: 2 } },
    });
    await clockwork.pass(31 * second);
    await resident.resend();
    await resident.otp(2);
    expect(await resident.enterOtp(await resident.otp(1))).toMatchObject({
      journey: { otp: { attemptsLeft: 1 } },
    });
    expect(await resident.enterWrongOtp()).toMatchObject({ journey: { otp: { attemptsLeft: 0 } } });
    expect(await resident.enterWrongOtp({ updateId: 'last' })).toMatchObject({
      journey: { outcome: 'too-many-otps' },
    });
    expect(await rowOnceOver(resident)).toMatchObject({ outcome: 'too-many-otps', finishedBy: 'last' });
    expect(await refusalOf(resident.enterOtp(await resident.otp(2)))).toMatch(/NoSuchVisit|JourneyOver/);
  });

  test('is right once, however many enter it in the same moment', async () => {
    const resident = await registered();
    await resident.enterCode();
    const otp = await resident.otp();
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        resident.enterOtp(otp).then(
          ({ kind }) => kind,
          ({ type }) => type,
        ),
      ),
    );
    expect(replies.filter((reply) => reply === 'accepted')).toHaveLength(1);
    expect(replies.filter((reply) => reply === 'WrongStep')).toHaveLength(7);
  });
});
