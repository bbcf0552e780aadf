import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { before as earlier, after as later } from '../../domain/durations.ts';
import { Resident } from '../actors/citizen-driver.ts';
import { lockAuditRow } from '../database/row-locks.ts';
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

/** The attributes by which operators find a citizen. */
const attributesOf = async (resident: Resident) => {
  const { searchAttributes } = await resident.handle.describe();
  return {
    status: searchAttributes['CitizenStatus']?.[0],
    expiresAt: searchAttributes['PasswordExpiresAt']?.[0],
  };
};

describe('a password', () => {
  test('expires two calendar years after it was set, to the minute, and says so to officers and operators', async () => {
    const resident = await registered();
    const setAtMs = await resident.setPassword();
    const expiresAtMs = later(setAtMs, 'P2Y');
    expect(await resident.standing()).toMatchObject({
      status: 'active',
      blocked: [],
      passwordExpiresAtMs: expiresAtMs,
    });

    await clockwork.passUntil(earlier(expiresAtMs, 'P1D'));
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    await clockwork.passUntil(expiresAtMs - minute);
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    expect(await attributesOf(resident)).toMatchObject({
      status: 'active',
      expiresAt: new Date(expiresAtMs),
    });

    const runId = await resident.runId();
    await clockwork.passUntil(expiresAtMs + minute);
    expect(await resident.standing()).toMatchObject({
      status: 'expired',
      blocked: [],
      passwordExpiresAtMs: expiresAtMs,
    });
    await resident.nextChapter(runId);
    expect(await attributesOf(resident)).toMatchObject({
      status: 'expired',
      expiresAt: new Date(expiresAtMs),
    });
  });

  test('that was set on 29 February expires on 28 February', async () => {
    const resident = await registered();
    await clockwork.passUntil(leapDayAfter(await clockwork.nowMs()) + 12 * 60 * minute);
    const setAtMs = await resident.setPassword();
    expect(new Date(setAtMs).toISOString()).toMatch(/-02-29T12:0/);

    const expiresAtMs = (await resident.standing())?.passwordExpiresAtMs ?? 0;
    expect(new Date(expiresAtMs).toISOString()).toMatch(/-02-28T12:0/);
    expect(expiresAtMs - setAtMs).toBe((2 * 365 - 1 + 1) * 24 * 60 * minute);
    await clockwork.passUntil(expiresAtMs - minute);
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    await clockwork.passUntil(expiresAtMs + minute);
    expect(await resident.standing()).toMatchObject({ status: 'expired' });
  });

  test('that replaces another brings two years of its own, and the old clock does nothing', async () => {
    const resident = await registered();
    const firstAtMs = await resident.setPassword();
    await clockwork.passUntil(earlier(later(firstAtMs, 'P2Y'), 'P1D'));
    const secondAtMs = await resident.setPassword();
    await clockwork.passUntil(later(firstAtMs, 'P2Y') + 60 * minute);
    expect(await resident.standing()).toMatchObject({
      status: 'active',
      blocked: [],
      passwordExpiresAtMs: later(secondAtMs, 'P2Y'),
    });
    await clockwork.passUntil(later(secondAtMs, 'P2Y') + minute);
    expect(await resident.standing()).toMatchObject({ status: 'expired' });
  });

  test('that replaces another stays in force, though the clock of the other runs out before the chapter is over', async () => {
    const resident = await registered();
    const expiresAtMs = later(await resident.setPassword(), 'P2Y');
    await clockwork.passUntil(expiresAtMs - 8 * second);
    // Something that can't be written keeps the chapter from ending.
    const release = await lockAuditRow(clockwork, 'held/entry/activation-refused');
    await resident.enterCode('wrong', { visitId: 'held', patienceMs: minute });
    const setAtMs = await resident.setPassword();
    await clockwork.passUntil(expiresAtMs + 2 * second);
    expect(await resident.standing()).toMatchObject({ passwordExpiresAtMs: later(setAtMs, 'P2Y') });
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    await release();
  });

  test('that expires while its owner is setting a new one leaves the new one in force', async () => {
    const resident = await registered();
    const expiresAtMs = later(await resident.setPassword(), 'P2Y');
    await clockwork.passUntil(expiresAtMs - 5 * minute);
    await resident.enterCode();
    await resident.enterOtp(await resident.otp());
    await clockwork.passUntil(expiresAtMs + 5 * minute);
    expect(await resident.standing()).toMatchObject({ status: 'expired' });
    expect(await resident.choosePassword()).toMatchObject({
      kind: 'accepted',
      journey: { outcome: 'password-set' },
    });
    expect(await resident.standing()).toMatchObject({ status: 'active' });
  });

  test('lives as long as the policy said when its visit was opened, whatever the policy says tomorrow', async () => {
    const resident = await registered();
    await resident.enterCode(resident.code, { policy: policyWith({ passwordLife: 'P10D' }) });
    await resident.enterOtp(await resident.otp());
    await resident.choosePassword();
    const expiresAtMs = (await resident.standing())?.passwordExpiresAtMs ?? 0;
    expect(expiresAtMs - (await clockwork.nowMs())).toBeLessThan(10 * 24 * 60 * minute);
    // Somebody else's visit, under another policy, moves no clock of this one.
    const other = await registered();
    await other.enterCode(other.code, { policy: policyWith({ passwordLife: 'P1D' }) });
    await clockwork.passUntil(expiresAtMs - 60 * minute);
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    await clockwork.passUntil(expiresAtMs + minute);
    expect(await resident.standing()).toMatchObject({ status: 'expired' });
  });
});

describe('an activation code', () => {
  test('is kept and used again after years, for as many resets as there are', async () => {
    const resident = await registered();
    await resident.setPassword();
    for (const years of ['P3Y', 'P4Y']) {
      await clockwork.passUntil(later(await clockwork.nowMs(), years));
      expect(await resident.standing()).toMatchObject({ status: 'expired' });
      expect(await resident.enterCode()).toMatchObject({
        kind: 'accepted',
        journey: { kind: 'password-reset' },
      });
      await resident.setPassword();
      expect(await resident.standing()).toMatchObject({ status: 'active' });
    }
  });

  test('tolerates as many wrong entries as the policy said when it was issued', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register({}, { policy: policyWith({ activationCode: { tries: 1 } }) });
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });
    await clockwork.passUntil(later(await clockwork.nowMs(), 'P1Y'));
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'blocked' });
  });
});

function leapDayAfter(ms: number): number {
  for (let year = new Date(ms).getUTCFullYear(); ; year += 1) {
    const day = Date.UTC(year, 1, 29);
    if (day > ms && new Date(day).getUTCMonth() === 1) return day;
  }
}
