import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { OnlineDriver } from '../actors/online-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

const minute = 60_000;

const env = await useTimeSkippingEnvironment();

const statusOf = async (driver: OnlineDriver) => (await driver.handle.describe()).status.name;
const ended = async (driver: OnlineDriver): Promise<string> => {
  for (let tries = 0; tries < 200 && (await statusOf(driver)) === 'RUNNING'; tries += 1) await sleep(20);
  return statusOf(driver);
};

describe('the first run of who registers online', () => {
  test('lasts as long as the journey, and goes on once it is registered', async () => {
    const driver = new OnlineDriver(env.context);
    expect(await driver.startRegistration()).toMatchObject({ kind: 'started' });
    const otp = await driver.otp();
    await env.advance(8 * minute);
    expect(await statusOf(driver)).toBe('RUNNING');
    expect(await driver.status()).toBeNull();
    expect(await driver.enterOtp(otp, { issue: true })).toMatchObject({
      kind: 'accepted',
      journey: { step: 'done', outcome: 'registered' },
    });
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('ends unregistered when the journey is left alone; the next start begins another', async () => {
    const driver = new OnlineDriver(env.context);
    await driver.startRegistration();
    await driver.otp();
    await env.advance(31 * minute);
    expect(await ended(driver)).toBe('COMPLETED');
    expect(await driver.row()).toMatchObject({ outcome: 'timed-out' });
    await driver.registerOnline();
    expect(await driver.status()).toMatchObject({ status: 'registered' });
  });

  test('takes an act of an office meanwhile, which ends the journey', async () => {
    const driver = new OnlineDriver(env.context);
    await driver.startRegistration();
    await driver.otp();
    await env.advance(2 * minute);
    expect(await driver.register()).toMatchObject({ kind: 'registered' });
    await until(
      () => driver.row(),
      ({ outcome }) => outcome === 'superseded',
    );
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('goes on with the journey when an act of an office is refused', async () => {
    const owner = await CitizenDriver.registered(env.context);
    await owner.activateOrReset();
    const driver = new OnlineDriver(env.context);
    await driver.startRegistration();
    const [otp, { actId, codeId, code }] = [await driver.otp(), driver];
    const { phone } = driver.data;
    expect(await driver.register({ phone: owner.data.phone })).toEqual({ kind: 'phone-in-use' });
    Object.assign(driver, { actId, codeId, code });
    driver.data.phone = phone;
    await env.advance(2 * minute);
    expect(await driver.enterOtp(otp, { issue: true })).toMatchObject({ journey: { outcome: 'registered' } });
  });

  test('a repeated start, as after a lost answer, opens one journey', async () => {
    const driver = new OnlineDriver(env.context);
    await driver.startRegistration();
    const { journeyId } = driver;
    await driver.startRegistration({ journeyId });
    expect(await driver.view()).toMatchObject({ id: journeyId, step: 'otp' });
    expect(await env.db.prisma.text.count({ where: { journeyId } })).toBe(1);
  });
});

test('an entry without an activation code is refused and counts nothing', async () => {
  const driver = new OnlineDriver(env.context);
  await driver.startRegistration();
  expect(await refusalOf(driver.enterOtp(await driver.otp()))).toBe('WrongStep');
  expect(await driver.view()).toMatchObject({ otp: { attemptsLeft: 3 } });
});

test('who is suspended is registered by the DNIe only', async () => {
  const driver = new OnlineDriver(env.context);
  await driver.register();
  await driver.suspend();
  expect(await refusalOf(driver.startRegistration({ isStrong: false }))).toBe('RegistrationRequired');
  await driver.registerOnline();
  expect(await driver.status()).toMatchObject({ status: 'registered', blocked: [] });
});
