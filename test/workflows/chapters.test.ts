import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { Resident } from '../actors/citizen-driver.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const { EVENT_TYPE_TIMER_STARTED, EVENT_TYPE_WORKFLOW_EXECUTION_STARTED } = temporal.api.enums.v1.EventType;
const minute = 60_000;

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

/** Ends of a visit: what brings each about, from an open one. */
const ends: Record<string, (resident: Resident) => Promise<unknown>> = {
  activated: async (resident) => {
    await resident.enterOtp(await resident.otp());
    return resident.choosePassword();
  },
  'too-many-otps': async (resident) => {
    for (let entry = 1; entry <= 4; entry += 1) await resident.enterWrongOtp();
  },
  'timed-out': async (resident) => {
    await resident.otp();
    return clockwork.pass(31 * minute);
  },
  superseded: (resident) => resident.register(),
};

describe('a chapter', () => {
  test.each(Object.keys(ends))(
    'ends after a visit that was %s, and the next one begins with next to nothing',
    async (outcome) => {
      const resident = await registered();
      await resident.enterCode();
      const runId = await resident.runId();
      await ends[outcome]?.(resident);
      expect(await resident.nextChapter(runId)).not.toBe(runId);
      expect(await resident.row()).toMatchObject({ outcome });
      const events = await asleep(resident);
      expect(events.length).toBeLessThanOrEqual(8);
      expect(Buffer.byteLength(JSON.stringify(events))).toBeLessThan(8_192);
      const timers = events.filter(({ eventType }) => eventType === EVENT_TYPE_TIMER_STARTED);
      expect(timers).toHaveLength(outcome === 'activated' ? 1 : 0);
    },
  );

  test('hands on who is blocked, what has been guessed and when the password expires', async () => {
    const resident = await registered();
    await resident.setPassword();
    const before = await resident.standing();
    for (let entry = 1; entry <= 4; entry += 1) await resident.enterCode('wrong');
    await resident.enterCode();
    await ends['too-many-otps']?.(resident);
    await asleep(resident);
    const { searchAttributes } = await resident.handle.describe();
    expect(searchAttributes).toMatchObject({ CitizenStatus: ['active'], Journey: ['none'] });
    for (let entry = 1; entry <= 5; entry += 1) await resident.enterCode('wrong');
    expect(await resident.standing()).toEqual(before);
    await resident.enterCode('wrong');
    await resident.enterCode('wrong').catch(() => {});
    expect(await resident.standing()).toEqual({ ...before, blocked: ['code'] });
  });

  test('does not end over a visit that is opened as another is completed: it gets its SMS and goes on, 15 times of 15', async () => {
    const replies: string[] = [];
    for (let round = 0; round < 15; round += 1) {
      const resident = await registered();
      await resident.enterCode();
      await resident.enterOtp(await resident.otp());
      // The code is entered while the password is being saved, and taken as soon as it is.
      const stagedPasswordId = await resident.stagePassword();
      const trail = await clockwork.holdAuditTrail();
      const saved = resident.choosePassword({ stagedPasswordId });
      await trail.untilWaitedFor();
      await sleep(round * 2);
      const opened = resident.enterCode();
      await sleep(40);
      await trail.release();
      expect([(await saved).kind, (await opened).kind]).toEqual(['accepted', 'accepted']);
      const otp = await resident.otp().catch(() => 'no SMS');
      replies.push(otp === 'no SMS' ? otp : (await resident.enterOtp(otp)).kind);
    }
    expect(replies).toEqual(Array(15).fill('accepted'));
  });
});

/** The history of the run that is open, once nothing more happens in it: a start, and what was set up for later. */
async function asleep(resident: Resident) {
  for (;;) {
    const before = await resident.runId();
    await clockwork.pass(10_000);
    const events = await resident.history();
    if ((await resident.runId()) === before && events[0]?.eventType === EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
      return events;
  }
}
