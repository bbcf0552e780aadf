import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf, workflowTestContext } from '../actors/workflow-context.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const second = 1_000;
const minute = 60 * second;

// On the real server: the one under which time can be skipped writes events for messages that are refused.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { otp: { resendAfter: 'PT0.1S' } } });
});
afterAll(() => stack.stop());

const registered = () => CitizenDriver.registered(workflowTestContext(stack));

/** The number of events in the history and of rows, once nothing is under way. */
async function traceOf(driver: CitizenDriver) {
  let events = 0;
  for (let isStill = false; !isStill; ) {
    const now = (await driver.history()).length;
    isStill = now === events;
    events = now;
    await sleep(100);
  }
  const { prisma } = stack.db;
  const ofCitizen = { where: { citizenId: driver.citizenId } };
  const [journeys, texts, passwords] = await Promise.all([
    prisma.journey.count(ofCitizen),
    prisma.text.count(ofCitizen),
    prisma.password.count(ofCitizen),
  ]);
  return {
    runId: await driver.runId(),
    events,
    journeys,
    texts,
    passwords,
    standing: await driver.status(),
  };
}

describe('a message that comes after its sender has given up', () => {
  const late = { patienceMs: -1 };

  test('is refused at every step, leaves no history and has no effect', async () => {
    const driver = await registered();
    await driver.enterCode();
    const otp = await driver.otp();
    await sleep(120);
    await driver.stageAct();
    const before = await traceOf(driver);
    for (const send of [
      () => driver.enterCode(driver.code, late),
      () => driver.enterCode('wrong', late),
      () => driver.enterOtp(otp, late),
      () => driver.enterWrongOtp(late),
      () => driver.resend(late),
      () => driver.regenerate({ again: true, ...late }),
      () => driver.register({}, { again: true, ...late }),
    ])
      expect(await refusalOf(send())).toBe('TooLate');
    expect(await traceOf(driver)).toEqual(before);

    await driver.enterOtp(otp);
    const atPassword = await traceOf(driver);
    expect(await refusalOf(driver.setPassword(late))).toBe('TooLate');
    expect(await traceOf(driver)).toEqual(atPassword);
    expect(await driver.view()).toMatchObject({ step: 'password' });
  });
});

describe('messages that cannot be taken as things stand', () => {
  // Thousands of them, and over HTTP: test/permanente/activation.blocking.drill.test.ts.
  test('leave no history, and a registration act works at once afterwards', async () => {
    const driver = await registered();
    for (let entry = 1; entry <= 6; entry += 1) await driver.enterCode('wrong');
    const before = await traceOf(driver);
    await inTurns(200, 10, async () => {
      expect(await refusalOf(driver.enterCode('wrong', { patienceMs: minute }))).toBe('CodeBlocked');
    });
    expect(await traceOf(driver)).toEqual(before);
    expect(await driver.register()).toMatchObject({ kind: 'registered' });
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('are refused with the step that the journey is at', async () => {
    const driver = await registered();
    expect(await refusalOf(driver.enterOtp('000000', { journeyId: 'no-such-journey' }))).toBe(
      'NoSuchJourney',
    );
    await driver.enterCode();
    const otp = await driver.otp();
    expect(await refusalOf(driver.setPassword())).toBe('WrongStep');
    await driver.enterOtp(otp);
    expect(await refusalOf(driver.enterOtp(otp))).toBe('WrongStep');
    expect(await refusalOf(driver.resend())).toBe('WrongStep');
    await driver.setPassword();
    for (const send of [() => driver.enterOtp(otp), () => driver.setPassword(), () => driver.resend()])
      expect(await refusalOf(send())).toMatch(/JourneyOver|NoSuchJourney/);
  });

  test('may be any nonsense: the citizen is well afterwards', async () => {
    const driver = await registered();
    const { handle } = driver;
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
    await driver.activateOrReset();
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });
});

describe('an operator', () => {
  test('who cancels a citizen in the UI ends nothing: journey, clock and code go on', async () => {
    const driver = await registered();
    await driver.enterCode();
    await driver.handle.cancel();
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
    await driver.handle.cancel();
    expect(await driver.setPassword()).toMatchObject({ kind: 'accepted' });
    await driver.handle.cancel();
    await driver.activateOrReset();
    expect((await driver.handle.describe()).status.name).toBe('RUNNING');
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });

  test('who terminates one loses its counts, not its password: the next act finds it', async () => {
    const driver = await registered();
    await driver.activateOrReset();
    const before = await driver.status();
    await driver.handle.terminate();
    await driver.register();
    expect(await driver.status()).toEqual({ ...before, codeIds: [driver.codeId] });
    expect(await driver.enterCode()).toMatchObject({ journey: { kind: 'password-reset' } });
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
