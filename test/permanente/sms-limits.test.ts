import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { changePassword, newSession, signInSubstantial, unsubscribe } from '../actors/sessions.ts';
import { queryAsOwner, rowCounts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    own: true,
    policy: { otp: { sends: 2, resendAfter: 'PT0.2S' }, textsPerPhone: { tries: 4 } },
  });
});
afterAll(() => stack.stop());

/** Waits until the provider has taken every SMS under way: a call too many would have arrived by now. */
const untilQuiet = () =>
  until(
    () => stack.db.prisma.text.count({ where: { delivery: 'pending' } }),
    (pending) => pending === 0,
  );

describe('past a limit the provider gets no call', () => {
  test('of a journey: as many codes as it may send, however often more are asked for', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.startActivation();
    await untilPast(journey.started.otp.resendAfter);
    const again = await journey.resend();
    expect(again.body.journey.otp.sendsLeft).toBe(0);
    await untilPast(again.body.journey.otp.resendAfter);
    for (let ask = 0; ask < 3; ask += 1) expect((await journey.resend()).status).toBe(429);
    await journey.otp(2);
    await untilQuiet();
    expect(citizen.otps()).toHaveLength(2);
  });

  test('of a phone: as many codes as it may get in a day, over however many journeys', async () => {
    const citizen = await new Citizen(stack).register();
    for (let start = 0; start < 4; start += 1) await citizen.startActivation();
    for (let start = 0; start < 3; start += 1) expect((await citizen.tryStartActivation()).status).toBe(429);
    await untilQuiet();
    expect(citizen.otps()).toHaveLength(4);
  });

  test('of a phone for changes too: the trail tells of the password that was right', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const change = () => changePassword(stack, token, goodPassword, otherPassword);
    await until(change, ({ status }) => status !== 201);
    expect([(await change()).status, (await unsubscribe(stack, token)).status]).toEqual([429, 429]);
    const reached = await queryAsOwner<{ detail: { kind: string } }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'limit-reached'`,
      [citizen.citizenId],
    );
    const kinds = new Set(reached.map(({ detail }) => detail.kind));
    expect([reached.length >= 3, kinds]).toEqual([true, new Set(['password-change', 'unsubscription'])]);
  });

  test('of the countries that are allowed: nothing is registered and nothing sent', async () => {
    const before = await rowCounts(stack);
    for (const phone of ['+33612345678', '+14155552671', '+882161234567']) {
      const citizen = new Citizen(stack, { phone });
      expect((await citizen.tryRegister()).status).toBe(400);
      expect(stack.phone.messages(phone)).toEqual([]);
    }
    expect(await rowCounts(stack)).toEqual(before);
  });
});

describe('a citizen whose phone a stranger has registered', () => {
  test('gets no SMS message about it, and signs in with an SMS code as before', async () => {
    const victim = await settled(await activeCitizen(stack));
    const before = victim.smsMessages().length;
    for (let tries = 0; tries < 6; tries += 1)
      expect((await new Citizen(stack, { phone: victim.data.phone }).tryRegister()).status).toBe(409);
    await untilQuiet();
    expect(victim.smsMessages()).toHaveLength(before);
    await canSignIn(victim);
  });

  test('may have been registered before: once confirmed, starts with the code do not use up the messages of a sign-in', async () => {
    const victim = await activeCitizen(stack);
    // A caller with the activation code uses up the day's SMS codes.
    const starts = Array.from({ length: 6 }, () => victim.tryStartActivation());
    expect((await Promise.all(starts)).some(({ status }) => status === 429)).toBe(true);
    await canSignIn(victim);
  });

  test('keeps a phone that was never confirmed only until another proves to have it', async () => {
    const stranger = await new Citizen(stack, { phone: newPersonalData().phone }).register();
    const victim = await new Citizen(stack, { phone: stranger.data.phone }).register();
    expect((await victim.activateOrReset(goodPassword)).status).toBe(200);
    await settled(victim);
    // The stranger's codes go nowhere from then on.
    const texts = victim.smsMessages().length;
    expect((await stranger.tryStartActivation()).status).toBe(409);
    await untilQuiet();
    expect(victim.smsMessages()).toHaveLength(texts);
    await canSignIn(victim);
  });
});

/** Once the notice that a password was set has come, after which nothing comes by itself. */
async function settled(citizen: Citizen): Promise<Citizen> {
  await until(
    () => citizen.smsMessages(),
    (texts) => texts.some((text) => text.includes('nueva contraseña')),
  );
  return citizen;
}

async function canSignIn(citizen: Citizen): Promise<void> {
  const journey = await signInSubstantial(stack, citizen);
  expect(await journey.enterOtp(await journey.otp())).toMatchObject({
    status: 200,
    body: { journey: { outcome: 'signed-in' } },
  });
}
