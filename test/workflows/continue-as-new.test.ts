import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const { EVENT_TYPE_TIMER_STARTED, EVENT_TYPE_WORKFLOW_EXECUTION_STARTED } = temporal.api.enums.v1.EventType;
const minute = 60_000;

const env = await useTimeSkippingEnvironment();

const registered = () => CitizenDriver.registered(env.context);

/** Ends of a journey: what brings each about, from an open one. */
const ends: Record<string, (driver: CitizenDriver) => Promise<unknown>> = {
  activated: async (driver) => {
    await driver.enterOtp(await driver.otp());
    return driver.setPassword();
  },
  'too-many-otps': async (driver) => {
    for (let entry = 1; entry <= 4; entry += 1) await driver.enterWrongOtp();
  },
  'timed-out': async (driver) => {
    await driver.otp();
    return env.advance(31 * minute);
  },
  superseded: (driver) => driver.register(),
};

describe('a run', () => {
  test.each(Object.keys(ends))(
    'ends after a journey that was %s, and the next one begins with next to nothing',
    async (outcome) => {
      const driver = await registered();
      await driver.enterCode();
      const runId = await driver.runId();
      await ends[outcome]?.(driver);
      expect(await driver.nextRun(runId)).not.toBe(runId);
      expect(await driver.row()).toMatchObject({ outcome });
      const events = await asleep(driver);
      expect(events.length).toBeLessThanOrEqual(8);
      expect(Buffer.byteLength(JSON.stringify(events))).toBeLessThan(8_192);
      const timers = events.filter(({ eventType }) => eventType === EVENT_TYPE_TIMER_STARTED);
      expect(timers).toHaveLength(outcome === 'activated' ? 1 : 0);
    },
  );

  test('passes blocks, counts and the expiry of the password on', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    const before = await driver.status();
    for (let entry = 1; entry <= 4; entry += 1) await driver.enterCode('wrong');
    await driver.enterCode();
    await ends['too-many-otps']?.(driver);
    await asleep(driver);
    const { searchAttributes } = await driver.handle.describe();
    expect(searchAttributes).toMatchObject({ CitizenStatus: ['active'], Journey: ['none'] });
    for (let entry = 1; entry <= 5; entry += 1) await driver.enterCode('wrong');
    expect(await driver.status()).toEqual(before);
    await driver.enterCode('wrong');
    await driver.enterCode('wrong').catch(() => {});
    expect(await driver.status()).toEqual({ ...before, blocked: ['code'] });
  });

  test('does not end over a journey that is opened as another is completed: it gets its SMS and goes on, 15 times of 15', async () => {
    const replies: string[] = [];
    for (let round = 0; round < 15; round += 1) {
      const driver = await registered();
      await driver.enterCode();
      await driver.enterOtp(await driver.otp());
      // The code is entered while the password is being saved, and taken as soon as it is.
      const stagedPasswordId = await driver.stagePassword();
      const trail = await env.holdAuditTrail();
      const saved = driver.setPassword({ stagedPasswordId });
      await trail.untilWaitedFor();
      await sleep(round * 2);
      const opened = driver.enterCode();
      await sleep(40);
      await trail.release();
      expect([(await saved).kind, (await opened).kind]).toEqual(['accepted', 'accepted']);
      const otp = await driver.otp().catch(() => 'no SMS');
      replies.push(otp === 'no SMS' ? otp : (await driver.enterOtp(otp)).kind);
    }
    expect(replies).toEqual(Array(15).fill('accepted'));
  });
});

/** The history of the run that is open, once nothing more happens in it: a start, and what was set up for later. */
async function asleep(driver: CitizenDriver) {
  for (;;) {
    const before = await driver.runId();
    await env.advance(10_000);
    const events = await driver.history();
    if ((await driver.runId()) === before && events[0]?.eventType === EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
      return events;
  }
}
