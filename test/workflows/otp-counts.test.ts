import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const hour = 60 * 60_000;
const day = 24 * hour;

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

/** A visit in which wrong SMS codes are entered: four end it. */
async function guess(resident: Resident, times = 4): Promise<void> {
  expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  for (let entry = 1; entry <= times; entry += 1)
    expect(await resident.enterWrongOtp()).toMatchObject({ kind: 'refused' });
}

describe('the wrong SMS codes of one citizen', () => {
  test('are 20 a day over all journeys; then nothing is sent or taken until the day is over', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    const begunAtMs = await clockwork.nowMs();
    for (let visit = 1; visit <= 4; visit += 1) await guess(resident);
    await guess(resident, 3);
    // Another visit brings no new guesses: the twentieth wrong entry is the last of the day.
    await guess(resident, 1);
    expect(await refusalOf(resident.enterOtp(await resident.otp()))).toBe('TooMany');
    const texts = resident.texts().length;
    expect(await refusalOf(resident.enterCode())).toBe('TooMany');
    expect(await refusalOf(resident.resend())).toBe('TooMany');
    expect(resident.texts()).toHaveLength(texts);
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });

    await clockwork.passUntil(begunAtMs + 23 * hour);
    expect(await refusalOf(resident.enterCode())).toBe('TooMany');
    await clockwork.passUntil(begunAtMs + 25 * hour);
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
  });

  test('are no fewer for a right one among them', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    for (let visit = 1; visit <= 4; visit += 1) await guess(resident);
    await guess(resident, 3);
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
    await guess(resident, 1);
    expect(await refusalOf(resident.enterOtp(await resident.otp()))).toBe('TooMany');
  });

  test('are 100 without a right one, over as many days as it takes; then only a registration act helps', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    for (let days = 1; days <= 5; days += 1) {
      for (let visit = 1; visit <= 5; visit += 1) await guess(resident);
      await clockwork.pass(day + hour);
    }
    expect(await refusalOf(resident.enterCode())).toBe('TooMany');
    await clockwork.pass(30 * day);
    expect(await refusalOf(resident.enterCode())).toBe('TooMany');
    await resident.register();
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
  });

  test('count towards the 100 from the last right one', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    for (let days = 1; days <= 6; days += 1) {
      for (let visit = 1; visit <= 4; visit += 1) await guess(resident);
      if (days === 5) {
        await guess(resident, 3);
        await resident.enterOtp(await resident.otp());
      }
      await clockwork.pass(day + hour);
    }
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });
});

describe('the texts to one phone', () => {
  test('are ten codes a day; the next day there are more', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    for (let visit = 1; visit <= 10; visit += 1)
      expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
    await resident.otp();
    const { texts } = { texts: resident.texts().length };
    expect(await resident.enterCode()).toMatchObject({ kind: 'too-many' });
    expect(await refusalOf(resident.enterCode())).toBe('TooMany');
    expect(resident.texts()).toHaveLength(texts);
    await clockwork.pass(day + hour);
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('that are used up stop nobody who has another phone since', async () => {
    const resident = new Resident(clockwork.town);
    await resident.register();
    for (let visit = 1; visit <= 10; visit += 1) await resident.enterCode();
    expect(await resident.enterCode()).toMatchObject({ kind: 'too-many' });
    await resident.register({ phone: '+34699000222' });
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
  });
});
