import { describe, expect, test } from '@jest/globals';
import { before as earlier, after as later } from '../../domain/durations.ts';
import { OnlineDriver } from '../actors/online-driver.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';
import { until } from '../environment/waiting.ts';

const minute = 60_000;

// Passwords that outlive the five years, so that no other clock wakes the citizen.
const env = await useTimeSkippingEnvironment({ policy: { passwordLife: 'P20Y', passwordReminders: [] } });

const remindersOf = (driver: OnlineDriver): string[] =>
  driver.smsMessages().filter((text) => text.includes('su identidad vence'));
const identifiedAt = async ({ citizenId: id }: OnlineDriver): Promise<number> => {
  const { strongIdentifiedAt } = await env.db.prisma.citizen.findUniqueOrThrow({ where: { id } });
  return strongIdentifiedAt?.getTime() ?? Number.NaN;
};
const dueFor = (atMs: number) => {
  const dueAtMs = later(atMs, 'P5Y');
  return { dueAtMs, reminderAtMs: earlier(dueAtMs, 'P60D') };
};
const reminded = (driver: OnlineDriver, times: number): Promise<string[]> =>
  until(
    () => remindersOf(driver),
    (texts) => texts.length === times,
  );

async function activeAfter(register: (driver: OnlineDriver) => Promise<unknown>): Promise<OnlineDriver> {
  const driver = new OnlineDriver(env.context);
  await register(driver);
  await driver.activateOrReset();
  return driver;
}

describe('the five years of an identification in person', () => {
  test.each([
    ['at an office', (driver: OnlineDriver) => driver.register({}, { isTimed: true })],
    ['with the DNIe', (driver: OnlineDriver) => driver.registerOnline()],
  ])('%s: one reminder sixty days before, and nothing ends', async (_how, register) => {
    const driver = await activeAfter(register);
    const { dueAtMs, reminderAtMs } = dueFor(await identifiedAt(driver));
    await env.advanceTo(reminderAtMs - minute);
    expect(remindersOf(driver)).toHaveLength(0);
    await env.advanceTo(reminderAtMs + minute);
    expect((await reminded(driver, 1))[0]).toMatch(/vence en (59|60|61) días/);
    await env.advanceTo(dueAtMs + minute);
    expect(await driver.status()).toMatchObject({ status: 'active' });
    await env.advanceTo(later(dueAtMs, 'P1Y'));
    expect(remindersOf(driver)).toHaveLength(1);
  });

  test('who registered with another certificate has none, and is not reminded', async () => {
    const driver = await activeAfter((one) => one.registerOnline({ isStrong: false }));
    expect(await identifiedAt(driver)).toBeNaN();
    await env.advance(dueFor(await env.nowMs()).dueAtMs - (await env.nowMs()) + minute);
    expect(remindersOf(driver)).toHaveLength(0);
    // Until it is proved in person for the first time.
    await driver.renewIdentification('dnie');
    await env.advanceTo(dueFor(await identifiedAt(driver)).reminderAtMs + minute);
    expect(await reminded(driver, 1)).toHaveLength(1);
  });

  test('begin anew with a renewal, which moves the reminder', async () => {
    const driver = await activeAfter((one) => one.register({}, { isTimed: true }));
    const first = dueFor(await identifiedAt(driver));
    await env.advanceTo(first.reminderAtMs - 10 * minute);
    expect(await driver.renewIdentification('office')).toMatchObject({ kind: 'renewed', by: 'office' });
    const second = dueFor(await identifiedAt(driver));
    await env.advanceTo(first.dueAtMs + minute);
    expect(remindersOf(driver)).toHaveLength(0);
    await env.advanceTo(second.reminderAtMs + minute);
    expect(await reminded(driver, 1)).toHaveLength(1);
  });

  test('stay as they are through an online act with another certificate', async () => {
    const driver = await activeAfter((one) => one.register({}, { isTimed: true }));
    const atMs = await identifiedAt(driver);
    await driver.registerOnline({ isStrong: false });
    expect(await identifiedAt(driver)).toBe(atMs);
    await env.advanceTo(dueFor(atMs).reminderAtMs + minute);
    expect(await reminded(driver, 1)).toHaveLength(1);
  });

  test('of a message without periods have no clock', async () => {
    const driver = await activeAfter((one) => one.register());
    await env.advanceTo(dueFor(await identifiedAt(driver)).dueAtMs + minute);
    expect(remindersOf(driver)).toHaveLength(0);
  });
});
