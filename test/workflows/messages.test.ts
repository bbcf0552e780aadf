import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf, townOf } from '../actors/workflow-context.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const second = 1_000;
const minute = 60 * second;

// On the real server: the one under which time can be skipped writes events for messages that are refused.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { otp: { resendAfter: 'PT0.1S' } } });
});
afterAll(() => stack.stop());

const registered = async (): Promise<Resident> => {
  const resident = new Resident(townOf(stack));
  await resident.register();
  return resident;
};

/** Events and standing, once nothing is under way any more. */
async function traceOf(resident: Resident) {
  let events = 0;
  for (let isStill = false; !isStill; ) {
    const now = (await resident.history()).length;
    isStill = now === events;
    events = now;
    await sleep(100);
  }
  const { prisma } = stack.db;
  const ofResident = { where: { citizenId: resident.citizenId } };
  const [journeys, texts, passwords] = await Promise.all([
    prisma.journey.count(ofResident),
    prisma.text.count(ofResident),
    prisma.password.count(ofResident),
  ]);
  return {
    runId: await resident.runId(),
    events,
    journeys,
    texts,
    passwords,
    standing: await resident.standing(),
  };
}

describe('a message that comes after its sender has given up', () => {
  const late = { patienceMs: -1 };

  test('is refused at every step, leaves no history and has no effect', async () => {
    const resident = await registered();
    await resident.enterCode();
    const otp = await resident.otp();
    await sleep(120);
    await resident.stageAct();
    const before = await traceOf(resident);
    for (const send of [
      () => resident.enterCode(resident.code, late),
      () => resident.enterCode('wrong', late),
      () => resident.enterOtp(otp, late),
      () => resident.enterWrongOtp(late),
      () => resident.resend(late),
      () => resident.regenerate({ again: true, ...late }),
      () => resident.register({}, { again: true, ...late }),
    ])
      expect(await refusalOf(send())).toBe('TooLate');
    expect(await traceOf(resident)).toEqual(before);

    await resident.enterOtp(otp);
    const atPassword = await traceOf(resident);
    expect(await refusalOf(resident.choosePassword(late))).toBe('TooLate');
    expect(await traceOf(resident)).toEqual(atPassword);
    expect(await resident.view()).toMatchObject({ step: 'password' });
  });
});

describe('messages that cannot be taken as things stand', () => {
  test('leave no history, thousands of them, and a registration act works at once afterwards', async () => {
    const resident = await registered();
    for (let entry = 1; entry <= 6; entry += 1) await resident.enterCode('wrong');
    const before = await traceOf(resident);
    await inTurns(2_100, 10, async () => {
      expect(await refusalOf(resident.enterCode('wrong', { patienceMs: minute }))).toBe('CodeBlocked');
    });
    expect(await traceOf(resident)).toEqual(before);
    expect(await resident.register()).toMatchObject({ kind: 'registered' });
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  }, 60_000);

  test('are refused with the step that the journey is at', async () => {
    const resident = await registered();
    expect(await refusalOf(resident.enterOtp('000000', { visitId: 'no-such-visit' }))).toBe('NoSuchVisit');
    await resident.enterCode();
    const otp = await resident.otp();
    expect(await refusalOf(resident.choosePassword())).toBe('WrongStep');
    await resident.enterOtp(otp);
    expect(await refusalOf(resident.enterOtp(otp))).toBe('WrongStep');
    expect(await refusalOf(resident.resend())).toBe('WrongStep');
    await resident.choosePassword();
    for (const send of [
      () => resident.enterOtp(otp),
      () => resident.choosePassword(),
      () => resident.resend(),
    ])
      expect(await refusalOf(send())).toMatch(/JourneyOver|NoSuchVisit/);
  });

  test('may be any nonsense: the citizen is well afterwards', async () => {
    const resident = await registered();
    const { handle } = resident;
    for (const name of [
      'submitActivationCode',
      'submitOtp',
      'resendOtp',
      'setPassword',
      'registerCitizen',
      'noSuchUpdate',
    ])
      await expect(handle.executeUpdate(name, { args: [] })).rejects.toThrow();
    await handle.signal('noSuchSignal', 'whatever');
    await resident.setPassword();
    expect(await resident.standing()).toMatchObject({ status: 'active' });
  });
});

describe('an operator', () => {
  test('who cancels a citizen in the UI ends nothing: visit, clock and code go on', async () => {
    const resident = await registered();
    await resident.enterCode();
    await resident.handle.cancel();
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
    await resident.handle.cancel();
    expect(await resident.choosePassword()).toMatchObject({ kind: 'accepted' });
    await resident.handle.cancel();
    await resident.setPassword();
    expect((await resident.handle.describe()).status.name).toBe('RUNNING');
    expect(await resident.standing()).toMatchObject({ status: 'active' });
  });

  test('who terminates one loses its counts, not its password: the next act finds it', async () => {
    const resident = await registered();
    await resident.setPassword();
    const before = await resident.standing();
    await resident.handle.terminate();
    await resident.register();
    expect(await resident.standing()).toEqual({ ...before, codeIds: [resident.codeId] });
    expect(await resident.enterCode()).toMatchObject({ journey: { kind: 'password-reset' } });
  });
});

async function inTurns(times: number, atOnce: number, work: () => Promise<void>): Promise<void> {
  let left = times;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        left -= 1;
        await work();
      }
    }),
  );
}
