import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { accept } from '../environment/fake-sms-sender.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const second = 1_000;
const minute = 60 * second;

let clockwork: Clockwork;
let bringBack = async () => {};
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterEach(() => bringBack());
afterAll(() => clockwork.stop());

const takeAway = async () => {
  bringBack = await clockwork.takeDatabaseAway();
};

const registered = async (): Promise<Resident> => {
  const resident = new Resident(clockwork.town);
  await resident.register();
  return resident;
};

/** At the step where a password is chosen, which is staged: from here on the API asks PostgreSQL for nothing. */
const aboutToChoose = async () => {
  const resident = await registered();
  await resident.enterCode();
  await resident.enterOtp(await resident.otp());
  return { resident, choice: { stagedPasswordId: await resident.stagePassword(), updateId: randomUUID() } };
};

/** Once the message has been taken and its work begun. */
async function saving({ handle }: Resident): Promise<void> {
  while (!(await handle.describe()).raw.pendingActivities?.length) await sleep(10);
}

const effectsOn = async ({ citizenId }: Resident) => {
  const { prisma } = clockwork.db;
  const [journeys, texts] = await Promise.all([
    prisma.journey.count({ where: { citizenId } }),
    prisma.text.count({ where: { citizenId, journeyId: { not: null } } }),
  ]);
  return { journeys, texts };
};

describe('while PostgreSQL is away', () => {
  test('a right code opens nothing, then or later, and the same message opens a visit once it is back', async () => {
    const resident = await registered();
    const visitId = 'the-one-visit-of-this-test';
    await takeAway();
    expect(await refusalOf(resident.enterCode(resident.code, { visitId }))).toBe('Unavailable');
    await bringBack();
    await clockwork.pass(5 * minute);
    expect(await effectsOn(resident)).toEqual({ journeys: 0, texts: 0 });
    expect(await resident.view(visitId)).toBeNull();

    expect(await resident.enterCode(resident.code, { visitId })).toMatchObject({ kind: 'accepted' });
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
    expect(await effectsOn(resident)).toEqual({ journeys: 1, texts: 1 });
  });

  test('a first registration act comes to nothing, and the same act is applied once it is back', async () => {
    const resident = new Resident(clockwork.town);
    await resident.stageAct();
    await takeAway();
    expect(await refusalOf(resident.register({}, { again: true }))).toBe('Unavailable');
    await bringBack();
    expect(await clockwork.db.prisma.citizen.count({ where: { id: resident.citizenId } })).toBe(0);
    expect(await resident.register({}, { again: true })).toMatchObject({ kind: 'registered' });
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('a further act leaves the code and the visit as they were', async () => {
    const resident = await registered();
    await resident.enterCode();
    const earlier = resident.code;
    await resident.stageAct();
    await takeAway();
    expect(await refusalOf(resident.register({}, { again: true }))).toBe('Unavailable');
    await bringBack();
    expect(await resident.enterOtp(await resident.otp())).toMatchObject({ kind: 'accepted' });
    expect(await resident.enterCode(resident.code)).toEqual({ kind: 'wrong' });
    expect(await resident.enterCode(earlier)).toMatchObject({ kind: 'accepted' });
  });

  test('a further SMS code is not sent, then or later, and may be asked for again at once', async () => {
    const resident = await registered();
    await resident.enterCode();
    await resident.otp();
    await clockwork.pass(31 * second);
    await takeAway();
    expect(await refusalOf(resident.resend())).toBe('Unavailable');
    await bringBack();
    await clockwork.pass(5 * second);
    expect(await effectsOn(resident)).toEqual({ journeys: 1, texts: 1 });
    expect(await resident.resend()).toMatchObject({ kind: 'sending' });
    expect(await resident.enterOtp(await resident.otp(2))).toMatchObject({ kind: 'accepted' });
  });

  test('a wrong code is counted and answered, and audited once it is back', async () => {
    const resident = await registered();
    await takeAway();
    for (let entry = 1; entry <= 5; entry += 1)
      expect(await resident.enterCode('wrong')).toEqual({ kind: 'wrong' });
    expect(await resident.enterCode('wrong')).toEqual({ kind: 'blocked' });
    await bringBack();
    await clockwork.pass(minute);
    expect(await auditOf(resident)).toEqual(
      expect.arrayContaining([...Array(5).fill('activation-refused'), 'activation-code-blocked']),
    );
  });

  test('a password is saved when it is back, once, and whoever asks again meanwhile hears of it then', async () => {
    const { resident, choice } = await aboutToChoose();
    await takeAway();
    const sent = resident.choosePassword(choice);
    await saving(resident);
    await clockwork.pass(10 * second);
    const again = resident.choosePassword(choice);
    expect(await refusalOf(resident.choosePassword({ ...choice, updateId: randomUUID() }))).toBe('WrongStep');
    expect(await resident.view()).toMatchObject({ step: 'password' });
    await bringBack();
    await clockwork.pass(minute);
    expect(await Promise.all([sent, again])).toMatchObject(Array(2).fill({ kind: 'accepted' }));
    expect(await resident.standing()).toMatchObject({ status: 'active' });
    expect(await resident.row()).toMatchObject({ outcome: 'activated', finishedBy: choice.updateId });
    const passwords = await clockwork.db.prisma.password.findMany({
      where: { citizenId: resident.citizenId },
    });
    expect(passwords.map(({ id }) => id)).toEqual([choice.stagedPasswordId]);
    expect(await clockwork.db.prisma.stagedPassword.count({ where: { journeyId: resident.visitId } })).toBe(
      0,
    );
  });

  test('a password that is being saved stands, though the time of its visit runs out', async () => {
    const { resident, choice } = await aboutToChoose();
    await takeAway();
    const sent = resident.choosePassword(choice);
    await saving(resident);
    await clockwork.pass(45 * minute);
    await bringBack();
    await clockwork.pass(minute);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(await resident.row()).toMatchObject({ outcome: 'activated' });
    expect(await resident.standing()).toMatchObject({ status: 'active' });
  });

  test('nobody else gets a turn while a password is being saved, then or later', async () => {
    const { resident, choice } = await aboutToChoose();
    const earlier = resident.code;
    const visitId = resident.visitId;
    await resident.stageAct();
    await takeAway();
    const sent = resident.choosePassword(choice);
    await saving(resident);
    const others = [
      refusalOf(resident.enterCode(earlier)),
      refusalOf(resident.regenerate({ again: true })),
      refusalOf(resident.register({}, { again: true })),
    ];
    // They are waiting for their turn by now; nobody waits longer than four seconds for an answer.
    await sleep(300);
    await clockwork.pass(4 * second);
    expect(await Promise.all(others)).toEqual(Array(3).fill('TooLate'));
    await bringBack();
    await clockwork.pass(2 * minute);
    expect(await sent).toMatchObject({ kind: 'accepted' });
    expect(await resident.row(visitId)).toMatchObject({ outcome: 'activated' });
    expect(await effectsOn(resident)).toEqual({ journeys: 1, texts: 1 });
    expect(await resident.enterCode(earlier)).toMatchObject({
      kind: 'accepted',
      journey: { kind: 'password-reset' },
    });
  });

  test('a visit that ends is written as over when it is back, and its chapter ends', async () => {
    const resident = await registered();
    await resident.enterCode();
    await resident.otp();
    const runId = await resident.runId();
    await takeAway();
    await clockwork.pass(40 * minute);
    expect(await resident.runId()).toBe(runId);
    await bringBack();
    await clockwork.pass(minute);
    expect(await resident.row()).toMatchObject({ outcome: 'timed-out' });
    expect(await resident.nextChapter(runId)).not.toBe(runId);
  });

  test('an SMS code of which nothing can be written is given up after three tries, and another can be had', async () => {
    const resident = await registered();
    await new Promise<void>((resolve) => {
      clockwork.sms.answer = async ({ body }) => {
        if (/\d{6}/.test(body)) await takeAway().then(resolve);
        return accept();
      };
      void resident.enterCode();
    });
    await clockwork.pass(3 * minute);
    clockwork.sms.answer = accept;
    await bringBack();
    await clockwork.pass(minute);
    const text = await clockwork.db.prisma.text.findUniqueOrThrow({ where: { id: `${resident.visitId}/1` } });
    expect(text).toMatchObject({ delivery: 'failed', failure: 'provider-unavailable' });
    expect(await resident.resend()).toMatchObject({ kind: 'sending', journey: { otp: { sendsLeft: 2 } } });
    expect(await resident.enterOtp(await resident.otp(2))).toMatchObject({ kind: 'accepted' });
  });
});

/** The types of what is audited of a citizen; the owner's eyes, since the application may not look. */
async function auditOf({ citizenId }: Resident): Promise<string[]> {
  const owner = new Client({ connectionString: clockwork.database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ type: string }>(
    'SELECT type FROM "AuditEvent" WHERE "citizenId" = $1',
    [citizenId],
  );
  await owner.end();
  return rows.map(({ type }) => type);
}
