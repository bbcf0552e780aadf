import { describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const hour = 60 * 60_000;
const day = 24 * hour;

const env = await useTimeSkippingEnvironment();

/** A journey in which wrong SMS codes are entered: four end it. */
async function guess(driver: CitizenDriver, times = 4): Promise<void> {
  expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  for (let entry = 1; entry <= times; entry += 1)
    expect(await driver.enterWrongOtp()).toMatchObject({ kind: 'refused' });
}

describe('the wrong SMS codes of one citizen', () => {
  test('are 20 a day over all journeys; then nothing is sent or taken until the day is over', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    const begunAtMs = await env.nowMs();
    for (let journey = 1; journey <= 4; journey += 1) await guess(driver);
    await guess(driver, 3);
    // Another journey brings no new guesses: the twentieth wrong entry is the last of the day.
    await guess(driver, 1);
    expect(await refusalOf(driver.enterOtp(await driver.otp()))).toBe('TooMany');
    const smsBefore = driver.smsMessages().length;
    expect(await refusalOf(driver.enterCode())).toBe('TooMany');
    expect(await refusalOf(driver.resend())).toBe('TooMany');
    expect(driver.smsMessages()).toHaveLength(smsBefore);
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });

    await env.advanceTo(begunAtMs + 23 * hour);
    expect(await refusalOf(driver.enterCode())).toBe('TooMany');
    await env.advanceTo(begunAtMs + 25 * hour);
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
  });

  test('are no fewer for a right one among them', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    for (let journey = 1; journey <= 4; journey += 1) await guess(driver);
    await guess(driver, 3);
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
    await guess(driver, 1);
    expect(await refusalOf(driver.enterOtp(await driver.otp()))).toBe('TooMany');
  });

  test('are 100 without a right one, over as many days as it takes; then only a registration act helps', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    for (let days = 1; days <= 5; days += 1) {
      for (let journey = 1; journey <= 5; journey += 1) await guess(driver);
      await env.advance(day + hour);
    }
    expect(await refusalOf(driver.enterCode())).toBe('TooMany');
    await env.advance(30 * day);
    expect(await refusalOf(driver.enterCode())).toBe('TooMany');
    await driver.register();
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
  });

  test('count towards the 100 from the last right one', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    for (let days = 1; days <= 6; days += 1) {
      for (let journey = 1; journey <= 4; journey += 1) await guess(driver);
      if (days === 5) {
        await guess(driver, 3);
        await driver.enterOtp(await driver.otp());
      }
      await env.advance(day + hour);
    }
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });
});

describe('the texts to one phone', () => {
  test('are ten codes a day; the next day there are more', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    for (let journey = 1; journey <= 10; journey += 1)
      expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
    await driver.otp();
    const smsBefore = driver.smsMessages().length;
    expect(await driver.enterCode()).toMatchObject({ kind: 'too-many' });
    expect(await refusalOf(driver.enterCode())).toBe('TooMany');
    expect(driver.smsMessages()).toHaveLength(smsBefore);
    await env.advance(day + hour);
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('that are used up do not limit a citizen who has another phone since', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.register();
    for (let journey = 1; journey <= 10; journey += 1) await driver.enterCode();
    expect(await driver.enterCode()).toMatchObject({ kind: 'too-many' });
    await driver.register({ phone: '+34699000222' });
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
  });
});
