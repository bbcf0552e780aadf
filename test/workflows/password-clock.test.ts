import { describe, expect, test } from '@jest/globals';
import { before as earlier, after as later } from '../../domain/durations.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { rejectAuditRow } from '../database/row-locks.ts';
import { policyWith } from '../environment/test-policy.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const second = 1_000;
const minute = 60 * second;

const env = await useTimeSkippingEnvironment();

const registered = () => CitizenDriver.registered(env.context);

/** The attributes by which operators find a citizen. */
const attributesOf = async (driver: CitizenDriver) => {
  const { searchAttributes } = await driver.handle.describe();
  return {
    status: searchAttributes['CitizenStatus']?.[0],
    expiresAt: searchAttributes['PasswordExpiresAt']?.[0],
  };
};

describe('a password', () => {
  test('expires two calendar years after it was set, to the minute, and says so to officers and operators', async () => {
    const driver = await registered();
    const setAtMs = await driver.activateOrReset();
    const expiresAtMs = later(setAtMs, 'P2Y');
    expect(await driver.status()).toMatchObject({
      status: 'active',
      blocked: [],
      passwordExpiresAtMs: expiresAtMs,
    });

    await env.advanceTo(earlier(expiresAtMs, 'P2D'));
    expect(await driver.status()).toMatchObject({ status: 'active' });
    await env.advanceTo(expiresAtMs - minute);
    expect(await driver.status()).toMatchObject({ status: 'active' });
    expect(await attributesOf(driver)).toMatchObject({
      status: 'active',
      expiresAt: new Date(expiresAtMs),
    });

    const runId = await driver.runId();
    await env.advanceTo(expiresAtMs + minute);
    expect(await driver.status()).toMatchObject({
      status: 'expired',
      blocked: [],
      passwordExpiresAtMs: expiresAtMs,
    });
    await driver.nextRun(runId);
    expect(await attributesOf(driver)).toMatchObject({
      status: 'expired',
      expiresAt: new Date(expiresAtMs),
    });
  });

  test('that was set on 29 February expires on 28 February', async () => {
    const driver = await registered();
    await env.advanceTo(leapDayAfter(await env.nowMs()) + 12 * 60 * minute);
    const setAtMs = await driver.activateOrReset();
    expect(new Date(setAtMs).toISOString()).toMatch(/-02-29T12:0/);

    const expiresAtMs = (await driver.status())?.passwordExpiresAtMs ?? 0;
    expect(new Date(expiresAtMs).toISOString()).toMatch(/-02-28T12:0/);
    expect(expiresAtMs - setAtMs).toBe((2 * 365 - 1 + 1) * 24 * 60 * minute);
    await env.advanceTo(expiresAtMs - minute);
    expect(await driver.status()).toMatchObject({ status: 'active' });
    await env.advanceTo(expiresAtMs + minute);
    expect(await driver.status()).toMatchObject({ status: 'expired' });
  });

  test('that replaces another brings two years of its own, and the old clock does nothing', async () => {
    const driver = await registered();
    const firstAtMs = await driver.activateOrReset();
    await env.advanceTo(earlier(later(firstAtMs, 'P2Y'), 'P2D'));
    const secondAtMs = await driver.activateOrReset();
    await env.advanceTo(later(firstAtMs, 'P2Y') + 60 * minute);
    expect(await driver.status()).toMatchObject({
      status: 'active',
      blocked: [],
      passwordExpiresAtMs: later(secondAtMs, 'P2Y'),
    });
    await env.advanceTo(later(secondAtMs, 'P2Y') + minute);
    expect(await driver.status()).toMatchObject({ status: 'expired' });
  });

  test('that replaces another stays in force, though the clock of the other runs out before the run is over', async () => {
    const driver = await registered();
    const expiresAtMs = later(await driver.activateOrReset(), 'P2Y');
    await env.advanceTo(expiresAtMs - minute);
    const runId = await driver.runId();
    // Something that can't be written keeps the run from ending.
    const accept = await rejectAuditRow(env, 'held/entry/activation-refused');
    await driver.enterCode('wrong', { journeyId: 'held', patienceMs: minute });
    const setAtMs = await driver.activateOrReset();
    await env.advanceTo(expiresAtMs + 2 * second);
    expect(await driver.status()).toMatchObject({ passwordExpiresAtMs: later(setAtMs, 'P2Y') });
    expect(await driver.status()).toMatchObject({ status: 'active' });
    expect(await driver.runId()).toBe(runId);
    await accept();
  });

  test('that expires while its owner is setting a new one leaves the new one in force', async () => {
    const driver = await registered();
    const expiresAtMs = later(await driver.activateOrReset(), 'P2Y');
    await env.advanceTo(expiresAtMs - 5 * minute);
    await driver.enterCode();
    await driver.enterOtp(await driver.otp());
    await env.advanceTo(expiresAtMs + 5 * minute);
    expect(await driver.status()).toMatchObject({ status: 'expired' });
    expect(await driver.setPassword()).toMatchObject({
      kind: 'accepted',
      journey: { outcome: 'password-set' },
    });
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });

  test('lives as long as the policy said when its journey was opened, whatever the policy says tomorrow', async () => {
    const driver = await registered();
    await driver.enterCode(driver.code, { policy: policyWith({ passwordLife: 'P10D' }) });
    await driver.enterOtp(await driver.otp());
    await driver.setPassword();
    const expiresAtMs = (await driver.status())?.passwordExpiresAtMs ?? 0;
    expect(expiresAtMs - (await env.nowMs())).toBeLessThan(10 * 24 * 60 * minute);
    // A journey of another citizen, under another policy, does not move this clock.
    const other = await registered();
    await other.enterCode(other.code, { policy: policyWith({ passwordLife: 'P1D' }) });
    await env.advanceTo(expiresAtMs - 60 * minute);
    expect(await driver.status()).toMatchObject({ status: 'active' });
    await env.advanceTo(expiresAtMs + minute);
    expect(await driver.status()).toMatchObject({ status: 'expired' });
  });
});

describe('an activation code', () => {
  test('is kept and used again after years, for as many resets as there are', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    for (const years of ['P3Y', 'P4Y']) {
      await env.advanceTo(later(await env.nowMs(), years));
      expect(await driver.status()).toMatchObject({ status: 'expired' });
      expect(await driver.enterCode()).toMatchObject({
        kind: 'accepted',
        journey: { kind: 'password-reset' },
      });
      await driver.activateOrReset();
      expect(await driver.status()).toMatchObject({ status: 'active' });
    }
  });

  test('tolerates as many wrong entries as the policy said when it was issued', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register({}, { policy: policyWith({ activationCode: { tries: 1 } }) });
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });
    await env.advanceTo(later(await env.nowMs(), 'P1Y'));
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'blocked' });
  });
});

function leapDayAfter(ms: number): number {
  for (let year = new Date(ms).getUTCFullYear(); ; year += 1) {
    const day = Date.UTC(year, 1, 29);
    if (day > ms && new Date(day).getUTCMonth() === 1) return day;
  }
}
