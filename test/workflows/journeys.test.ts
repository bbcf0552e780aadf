import { describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { policyWith } from '../environment/test-policy.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const second = 1_000;
const minute = 60 * second;

const env = await useTimeSkippingEnvironment();

const registered = () => CitizenDriver.registered(env.context);

/** The journey's end is written by an activity a moment after. */
async function rowOnceOver(driver: CitizenDriver, journeyId = driver.journeyId) {
  for (;;) {
    const row = await driver.row(journeyId);
    if (row.finishedAt) return row;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a journey left alone', () => {
  test('ends half an hour after it began, at whatever step, and its row says so', async () => {
    const driver = await registered();
    for (const step of ['otp', 'password'] as const) {
      await driver.enterCode();
      const begunAtMs = await env.nowMs();
      if (step === 'password') await driver.enterOtp(await driver.otp());
      await env.advanceTo(begunAtMs + 29 * minute);
      expect(await driver.view()).toMatchObject({ step, outcome: null });
      await env.advanceTo(begunAtMs + 31 * minute);
      const row = await rowOnceOver(driver);
      expect(row).toMatchObject({ outcome: 'timed-out', finishedBy: null });
      expect((row.finishedAt?.getTime() ?? 0) - row.expiresAt.getTime()).toBeLessThan(second);
      expect(row.expiresAt.getTime() - row.startedAt.getTime()).toBe(30 * minute);
    }
    expect(await driver.status()).toMatchObject({ status: 'registered' });
  });

  test('lives as long as the policy said when it was opened', async () => {
    const driver = await registered();
    await driver.enterCode(driver.code, { policy: policyWith({ visitLife: 'PT5M' }) });
    await env.advance(6 * minute);
    expect(await rowOnceOver(driver)).toMatchObject({ outcome: 'timed-out' });
  });

  test('that was given more time lives as long again, once, at whichever step it is asked', async () => {
    const driver = await registered();
    for (const step of ['otp', 'password'] as const) {
      await driver.enterCode();
      const begunAtMs = await env.nowMs();
      if (step === 'password') await driver.enterOtp(await driver.otp());
      const before = await driver.view();
      const { journey } = await driver.extend();
      expect(journey.expiresAtMs - (before?.expiresAtMs ?? 0)).toBe(30 * minute);
      expect(await refusalOf(driver.extend())).toMatch(/AlreadyExtended/);
      await env.advanceTo(begunAtMs + 59 * minute);
      expect(await driver.view()).toMatchObject({ step, outcome: null });
      await env.advanceTo(begunAtMs + 61 * minute);
      expect(await rowOnceOver(driver)).toMatchObject({ outcome: 'timed-out' });
      expect(await refusalOf(driver.extend())).toMatch(/NoSuchJourney|JourneyOver/);
    }
  });

  test('that waits for a password takes none afterwards', async () => {
    const driver = await registered();
    await driver.enterCode();
    await driver.enterOtp(await driver.otp());
    await env.advance(31 * minute);
    expect(await refusalOf(driver.setPassword())).toMatch(/NoSuchJourney|JourneyOver/);
    expect(await env.db.prisma.password.count({ where: { citizenId: driver.citizenId } })).toBe(0);
  });
});

describe('a later journey', () => {
  test('supersedes the one before, whose code and token open nothing any more', async () => {
    const driver = await registered();
    await driver.enterCode();
    const first = driver.journeyId;
    const firstOtp = await driver.otp();
    await driver.enterCode();
    expect(driver.journeyId).not.toBe(first);
    expect(await rowOnceOver(driver, first)).toMatchObject({ outcome: 'superseded' });
    expect(await refusalOf(driver.enterOtp(firstOtp, { journeyId: first }))).toBe('NoSuchJourney');
    expect(await driver.enterOtp(firstOtp)).toMatchObject({ kind: 'refused' });
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
    expect(await driver.setPassword()).toMatchObject({ journey: { outcome: 'activated' } });
  });

  test('a registration act ends it, with its code, and keeps the password', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    await driver.enterCode();
    const [oldCode, first] = [driver.code, driver.journeyId];
    await driver.register({ phone: '+34699000111' });
    expect(await rowOnceOver(driver, first)).toMatchObject({ outcome: 'superseded' });
    expect(await driver.enterCode(oldCode)).toEqual({ kind: 'wrong' });
    expect(await driver.status()).toMatchObject({ status: 'active' });
    expect(await driver.enterCode()).toMatchObject({
      kind: 'accepted',
      journey: { kind: 'password-reset' },
    });
  });

  test('a new activation code ends it too, and does not lift a block', async () => {
    const driver = await registered();
    await driver.enterCode();
    const first = driver.journeyId;
    await driver.regenerate();
    expect(await rowOnceOver(driver, first)).toMatchObject({ outcome: 'superseded' });
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'blocked' });
    expect(await refusalOf(driver.enterCode())).toBe('CodeBlocked');
    expect(await refusalOf(driver.regenerate())).toBe('RegistrationRequired');
    await driver.register();
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });
});

describe('a new activation code', () => {
  test('is refused to a suspended citizen, until a registration act', async () => {
    const driver = await registered();
    await driver.suspend();
    expect(await refusalOf(driver.regenerate())).toBe('RegistrationRequired');
    await driver.register();
    await driver.regenerate();
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });
});

describe('an SMS code', () => {
  test.each([
    { after: '9:59', ms: 9 * minute + 59 * second, reply: 'accepted' },
    { after: '10:01', ms: 10 * minute + 1 * second, reply: 'OtpExpired' },
  ])('entered after $after is $reply', async ({ ms, reply }) => {
    const driver = await registered();
    const begun = await driver.enterCode();
    const otp = await driver.otp();
    const expiresAtMs = begun.kind === 'accepted' ? (begun.journey.otp?.expiresAtMs ?? 0) : 0;
    await env.advanceTo(expiresAtMs - 10 * minute + ms);
    if (reply === 'accepted') expect(await driver.enterOtp(otp)).toMatchObject({ kind: reply });
    else expect(await refusalOf(driver.enterOtp(otp))).toBe(reply);
  });

  test('that has expired is not counted, and another can be had in its place', async () => {
    const driver = await registered();
    await driver.enterCode();
    const otp = await driver.otp();
    await env.advance(11 * minute);
    for (let entry = 1; entry <= 6; entry += 1)
      expect(await refusalOf(driver.enterOtp(otp))).toBe('OtpExpired');
    expect(await driver.view()).toMatchObject({ step: 'otp', otp: { attemptsLeft: 3 } });
    expect(await driver.resend()).toMatchObject({ kind: 'sending', journey: { otp: { sendsLeft: 1 } } });
    expect(await refusalOf(driver.resend())).toBe('TooMany');
    expect(await driver.enterOtp(await driver.otp(2))).toMatchObject({ kind: 'accepted' });
  });

  test('that was sent again brings no new guesses: the fourth wrong entry ends the journey', async () => {
    const driver = await registered();
    await driver.enterCode();
    await driver.otp();
    expect(await driver.enterWrongOtp()).toMatchObject({
      kind: 'refused',
      journey: { otp: { attemptsLeft: 2 } },
    });
    await env.advance(31 * second);
    await driver.resend();
    await driver.otp(2);
    expect(await driver.enterOtp(await driver.otp(1))).toMatchObject({
      journey: { otp: { attemptsLeft: 1 } },
    });
    expect(await driver.enterWrongOtp()).toMatchObject({ journey: { otp: { attemptsLeft: 0 } } });
    expect(await driver.enterWrongOtp({ updateId: 'last' })).toMatchObject({
      journey: { outcome: 'too-many-otps' },
    });
    expect(await rowOnceOver(driver)).toMatchObject({ outcome: 'too-many-otps', finishedBy: 'last' });
    expect(await refusalOf(driver.enterOtp(await driver.otp(2)))).toMatch(/NoSuchJourney|JourneyOver/);
  });

  test('is right once, however many enter it in the same moment', async () => {
    const driver = await registered();
    await driver.enterCode();
    const otp = await driver.otp();
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        driver.enterOtp(otp).then(
          ({ kind }) => kind,
          ({ type }) => type,
        ),
      ),
    );
    expect(replies.filter((reply) => reply === 'accepted')).toHaveLength(1);
    expect(replies.filter((reply) => reply === 'WrongStep')).toHaveLength(7);
  });
});
