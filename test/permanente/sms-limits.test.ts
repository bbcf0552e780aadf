import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goodPassword, Person, somebody } from '../actors/front-end.ts';
import { activePerson, substantial } from '../actors/signed-in.ts';
import { rowCounts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    policy: { otp: { sends: 2, resendAfter: 'PT0.2S' }, textsPerPhone: { tries: 4 } },
  });
});
afterAll(() => stack.stop());

/** Once all texts that are under way have been taken: a call that ought not to be would have come by now. */
const untilQuiet = () =>
  until(
    () => stack.db.prisma.text.count({ where: { delivery: 'pending' } }),
    (pending) => pending === 0,
  );

describe('past a limit the provider gets no call', () => {
  test('of a journey: as many codes as it may send, however often more are asked for', async () => {
    const person = await new Person(stack).register();
    const visit = await person.visit();
    await untilPast(visit.begun.otp.resendAfter);
    const again = await visit.resend();
    expect(again.body.journey.otp.sendsLeft).toBe(0);
    await untilPast(again.body.journey.otp.resendAfter);
    for (let ask = 0; ask < 3; ask += 1) expect((await visit.resend()).status).toBe(429);
    await visit.otp(2);
    await untilQuiet();
    expect(person.codes()).toHaveLength(2);
  });

  test('of a phone: as many codes as it may get in a day, over however many journeys', async () => {
    const person = await new Person(stack).register();
    for (let start = 0; start < 4; start += 1) await person.visit();
    for (let start = 0; start < 3; start += 1) expect((await person.start()).status).toBe(429);
    await untilQuiet();
    expect(person.codes()).toHaveLength(4);
  });

  test('of the countries that are allowed: nothing is registered and nothing sent', async () => {
    const before = await rowCounts(stack);
    for (const phone of ['+33612345678', '+14155552671', '+882161234567']) {
      const person = new Person(stack, { phone });
      expect((await person.tryRegister()).status).toBe(400);
      expect(stack.phone.messages(phone)).toEqual([]);
    }
    expect(await rowCounts(stack)).toEqual(before);
  });
});

describe('somebody whose phone a stranger has registered', () => {
  test('gets no text of it, and signs in with an SMS code as before', async () => {
    const victim = await settled(await activePerson(stack));
    const before = victim.texts().length;
    for (let tries = 0; tries < 6; tries += 1)
      expect((await new Person(stack, { phone: victim.data.phone }).tryRegister()).status).toBe(409);
    await untilQuiet();
    expect(victim.texts()).toHaveLength(before);
    await canSignIn(victim);
  });

  test('may have been registered before: once confirmed, nobody’s tries use up the texts of the other way in', async () => {
    const victim = await activePerson(stack);
    // Who holds the activation code has the day's codes sent.
    const starts = Array.from({ length: 6 }, () => victim.start());
    expect((await Promise.all(starts)).some(({ status }) => status === 429)).toBe(true);
    await canSignIn(victim);
  });

  test('keeps a phone that was never confirmed only until another proves to have it', async () => {
    const stranger = await new Person(stack, { phone: somebody().phone }).register();
    const victim = await new Person(stack, { phone: stranger.data.phone }).register();
    expect((await victim.setPassword(goodPassword)).status).toBe(200);
    await settled(victim);
    // The stranger's codes go nowhere from then on.
    const texts = victim.texts().length;
    expect((await stranger.start()).status).toBe(422);
    await untilQuiet();
    expect(victim.texts()).toHaveLength(texts);
    await canSignIn(victim);
  });
});

/** Once the notice that a password was set has come, after which nothing comes by itself. */
async function settled(person: Person): Promise<Person> {
  await until(
    () => person.texts(),
    (texts) => texts.some((text) => text.includes('nueva contraseña')),
  );
  return person;
}

async function canSignIn(person: Person): Promise<void> {
  const visit = await substantial(stack, person);
  expect(await visit.enterOtp(await visit.otp())).toMatchObject({
    status: 200,
    body: { journey: { outcome: 'signed-in' } },
  });
}
