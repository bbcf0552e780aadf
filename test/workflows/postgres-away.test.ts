import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf, untilAdmitted } from '../actors/workflow-context.ts';
import { accept } from '../environment/fake-sms-sender.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const second = 1_000;
const minute = 60 * second;

const env = await useTimeSkippingEnvironment();
let bringBack = async () => {};
afterEach(() => bringBack());

const takeAway = async () => {
  bringBack = await env.takeDatabaseAway();
};

const registered = () => CitizenDriver.registered(env.context);

/** At the step where a password is chosen, which is staged: from here on the API asks PostgreSQL for nothing. */
const aboutToChoose = async () => {
  const driver = await registered();
  await driver.enterCode();
  await driver.enterOtp(await driver.otp());
  return { driver, choice: { stagedPasswordId: await driver.stagePassword(), updateId: randomUUID() } };
};

/** Once the message has been taken and its work begun. */
async function saving({ handle }: CitizenDriver): Promise<void> {
  while (!(await handle.describe()).raw.pendingActivities?.length) await sleep(10);
}

const effectsOn = async ({ citizenId }: CitizenDriver) => {
  const { prisma } = env.db;
  const [journeys, texts] = await Promise.all([
    prisma.journey.count({ where: { citizenId } }),
    prisma.text.count({ where: { citizenId, journeyId: { not: null } } }),
  ]);
  return { journeys, texts };
};

describe('while PostgreSQL is away', () => {
  test('a right code opens nothing, then or later, and the same message opens a journey once it is back', async () => {
    const driver = await registered();
    const journeyId = 'the-one-journey-of-this-test';
    await takeAway();
    expect(await refusalOf(driver.enterCode(driver.code, { journeyId }))).toBe('Unavailable');
    await bringBack();
    await env.advance(5 * minute);
    expect(await effectsOn(driver)).toEqual({ journeys: 0, texts: 0 });
    expect(await driver.view(journeyId)).toBeNull();

    expect(await driver.enterCode(driver.code, { journeyId })).toMatchObject({ kind: 'accepted' });
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
    expect(await effectsOn(driver)).toEqual({ journeys: 1, texts: 1 });
  });

  test('a first registration act comes to nothing, and the same act is applied once it is back', async () => {
    const driver = new CitizenDriver(env.context);
    await driver.stageAct();
    await takeAway();
    expect(await refusalOf(driver.register({}, { again: true }))).toBe('Unavailable');
    await bringBack();
    expect(await env.db.prisma.citizen.count({ where: { id: driver.citizenId } })).toBe(0);
    expect(await driver.register({}, { again: true })).toMatchObject({ kind: 'registered' });
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('a further act leaves the code and the journey as they were', async () => {
    const driver = await registered();
    await driver.enterCode();
    const earlier = driver.code;
    await driver.stageAct();
    await takeAway();
    expect(await refusalOf(driver.register({}, { again: true }))).toBe('Unavailable');
    await bringBack();
    expect(await driver.enterOtp(await driver.otp())).toMatchObject({ kind: 'accepted' });
    expect(await driver.enterCode(driver.code)).toEqual({ kind: 'wrong' });
    expect(await driver.enterCode(earlier)).toMatchObject({ kind: 'accepted' });
  });

  test('a further SMS code is not sent, then or later, and may be asked for again at once', async () => {
    const driver = await registered();
    await driver.enterCode();
    await driver.otp();
    await env.advance(31 * second);
    await takeAway();
    expect(await refusalOf(driver.resend())).toBe('Unavailable');
    await bringBack();
    await env.advance(5 * second);
    expect(await effectsOn(driver)).toEqual({ journeys: 1, texts: 1 });
    expect(await driver.resend()).toMatchObject({ kind: 'sending' });
    expect(await driver.enterOtp(await driver.otp(2))).toMatchObject({ kind: 'accepted' });
  });

  test('a wrong code is counted and answered, and audited once it is back', async () => {
    const driver = await registered();
    await takeAway();
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await driver.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await driver.enterCode('wrong')).toEqual({ kind: 'blocked' });
    await bringBack();
    await env.advance(minute);
    expect(await auditTypesOf(driver)).toEqual(
      expect.arrayContaining([...Array(5).fill('activation-refused'), 'activation-code-blocked']),
    );
  });

  test('a password is saved when it is back, once, and a repetition sent meanwhile is answered then', async () => {
    const { driver, choice } = await aboutToChoose();
    await takeAway();
    const sent = driver.setPassword(choice);
    await saving(driver);
    await env.advance(10 * second);
    const again = driver.setPassword(choice);
    expect(await refusalOf(driver.setPassword({ ...choice, updateId: randomUUID() }))).toBe('WrongStep');
    expect(await driver.view()).toMatchObject({ step: 'password' });
    await bringBack();
    await env.advance(minute);
    expect(await Promise.all([sent, again])).toMatchObject(Array(2).fill({ kind: 'accepted' }));
    expect(await driver.status()).toMatchObject({ status: 'active' });
    expect(await driver.row()).toMatchObject({ outcome: 'activated', finishedBy: choice.updateId });
    const passwords = await env.db.prisma.password.findMany({
      where: { citizenId: driver.citizenId },
    });
    expect(passwords.map(({ id }) => id)).toEqual([choice.stagedPasswordId]);
    expect(await env.db.prisma.stagedPassword.count({ where: { journeyId: driver.journeyId } })).toBe(0);
  });

  test('a password that is being saved stands, though the time of its journey runs out', async () => {
    const { driver, choice } = await aboutToChoose();
    await takeAway();
    const sent = driver.setPassword(choice);
    await saving(driver);
    await env.advance(45 * minute);
    await bringBack();
    await env.advance(minute);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(await driver.row()).toMatchObject({ outcome: 'activated' });
    expect(await driver.status()).toMatchObject({ status: 'active' });
  });

  test('no other message is applied while a password is being saved, then or later', async () => {
    const { driver, choice } = await aboutToChoose();
    const earlier = driver.code;
    const journeyId = driver.journeyId;
    await driver.stageAct();
    await takeAway();
    const sent = driver.setPassword(choice);
    await saving(driver);
    const others = [
      refusalOf(driver.enterCode(earlier, { updateId: 'code' })),
      refusalOf(driver.regenerate({ again: true, updateId: 'regeneration' })),
      refusalOf(driver.register({}, { again: true, updateId: 'act' })),
    ];
    // They wait for the mutex now; a sender gives up after less than four seconds.
    for (const updateId of ['code', 'regeneration', 'act'])
      await untilAdmitted(env.context, driver.citizenId, updateId);
    await env.advance(4 * second);
    expect(await Promise.all(others)).toEqual(Array(3).fill('TooLate'));
    await bringBack();
    await env.advance(2 * minute);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(await driver.row(journeyId)).toMatchObject({ outcome: 'activated' });
    expect(await effectsOn(driver)).toEqual({ journeys: 1, texts: 1 });
    expect(await driver.enterCode(earlier)).toMatchObject({
      kind: 'accepted',
      journey: { kind: 'password-reset' },
    });
  });

  test('a journey that ends is written as over when it is back, and its run ends', async () => {
    const driver = await registered();
    await driver.enterCode();
    await driver.otp();
    const runId = await driver.runId();
    await takeAway();
    await env.advance(40 * minute);
    expect(await driver.runId()).toBe(runId);
    await bringBack();
    await env.advance(minute);
    expect(await driver.row()).toMatchObject({ outcome: 'timed-out' });
    expect(await driver.nextRun(runId)).not.toBe(runId);
  });

  test('an SMS code of which nothing can be written is given up after three tries, and another can be had', async () => {
    const driver = await registered();
    await new Promise<void>((resolve) => {
      env.sms.answer = async ({ body }) => {
        if (/\d{6}/.test(body)) await takeAway().then(resolve);
        return accept();
      };
      void driver.enterCode();
    });
    await env.advance(3 * minute);
    env.sms.answer = accept;
    await bringBack();
    await env.advance(minute);
    const text = await env.db.prisma.text.findUniqueOrThrow({ where: { id: `${driver.journeyId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'provider-unavailable' });
    expect(await driver.resend()).toMatchObject({ kind: 'sending', journey: { otp: { sendsLeft: 2 } } });
    expect(await driver.enterOtp(await driver.otp(2))).toMatchObject({ kind: 'accepted' });
  });
});

/** The types of a citizen's audit events, read as the owner, since the application's role may not. */
async function auditTypesOf({ citizenId }: CitizenDriver): Promise<string[]> {
  const owner = new Client({ connectionString: env.database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ type: string }>(
    'SELECT type FROM "AuditEvent" WHERE "citizenId" = $1',
    [citizenId],
  );
  await owner.end();
  return rows.map(({ type }) => type);
}
