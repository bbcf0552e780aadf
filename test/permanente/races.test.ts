import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goodPassword, otherPassword, type Person, type Reply } from '../actors/front-end.ts';
import {
  activePerson,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  unsubscribe,
  whoAmI,
  wrongPassword,
} from '../actors/signed-in.ts';
import { lockPassword } from '../database/row-locks.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const changed = 'Sopla-Viento9';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Step = () => Promise<Reply>;

/** Two last steps in this order, the first of which is held in the midst of its work until the second has come. */
async function atOnce(person: Person, first: Step, second: Step): Promise<[Reply, Reply]> {
  const barrier = await lockPassword(stack, person.citizenId);
  const one = first();
  await barrier.untilWaitedFor();
  const other = second();
  // The second waits in its citizen's workflow, where nothing shows it, or for the same row.
  await sleep(150);
  await barrier.release();
  return [await one, await other];
}

/** Which of these passwords sign in. */
async function opening(person: Person, ...passwords: string[]): Promise<string[]> {
  const opened: string[] = [];
  for (const password of passwords)
    if ((await signIn(stack, person, password)).status === 201) opened.push(password);
  return opened;
}

/** A reset that waits for its password and a change that waits for its SMS code, of one citizen. */
async function resetAndChange() {
  const person = await activePerson(stack);
  const reset = await person.confirmedVisit();
  const token = await sessionOf(stack, person);
  const change = await journeyOf(stack, changePassword(stack, token, goodPassword, changed));
  const otp = await change.otp();
  return {
    ...{ person, token },
    reset: () => reset.choosePassword(otherPassword),
    change: () => change.enterOtp(otp),
  };
}

describe('in the same moment', () => {
  test('a change and a reset that follows it: a new password ends what was under way, and is the one', async () => {
    const { person, token, reset, change } = await resetAndChange();
    const [first, second] = await atOnce(person, change, reset);
    expect([first.status, first.body.journey.outcome]).toEqual([200, 'password-set']);
    expect([second.status, second.body.journey.outcome]).toEqual([410, 'superseded']);
    expect(await opening(person, goodPassword, changed, otherPassword)).toEqual([changed]);
    expect((await whoAmI(stack, token)).status).toBe(200);
    expect(await stack.db.prisma.stagedPassword.count({ where: { citizenId: person.citizenId } })).toBe(0);
  });

  test('a reset and a change that follows it: the change rests on what has gone, and ends superseded', async () => {
    const { person, token, reset, change } = await resetAndChange();
    const [first, second] = await atOnce(person, reset, change);
    expect([first.status, first.body.journey.outcome]).toEqual([200, 'password-set']);
    expect([second.status, second.body.journey.outcome]).toEqual([410, 'superseded']);
    expect(await opening(person, goodPassword, changed, otherPassword)).toEqual([otherPassword]);
    expect((await whoAmI(stack, token)).status).toBe(401);
  });

  test.each(['before', 'after'] as const)(
    'a sign-in just %s an unsubscription leaves no session',
    async (order) => {
      const person = await activePerson(stack);
      const token = await sessionOf(stack, person);
      const leaving = await journeyOf(stack, unsubscribe(stack, token));
      const otp = await leaving.otp();
      const steps = [() => signIn(stack, person), () => leaving.enterOtp(otp)] as const;
      const [first, second] =
        order === 'before' ? await atOnce(person, ...steps) : await atOnce(person, steps[1], steps[0]);
      const [signedIn, left] = order === 'before' ? [first, second] : [second, first];
      expect(left.body.journey.outcome).toBe('unsubscribed');
      expect(signedIn.status).toBe(order === 'before' ? 201 : 401);
      const { citizenId } = person;
      expect(await stack.db.prisma.session.count({ where: { citizenId } })).toBe(0);
      expect(await stack.db.prisma.password.count({ where: { citizenId } })).toBe(0);
      if (order === 'before') expect((await whoAmI(stack, signedIn.body.session.token)).status).toBe(401);
    },
  );

  test('the sixth wrong sign-in and a change: whichever is first, a block is never undone by the change', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const change = await journeyOf(stack, changePassword(stack, token, goodPassword, changed));
    const otp = await change.otp();
    for (let failure = 0; failure < 5; failure += 1) await signIn(stack, person, wrongPassword);
    const [refused, end] = await atOnce(
      person,
      () => signIn(stack, person, wrongPassword),
      () => change.enterOtp(otp),
    );
    expect([refused.status, end.status, end.body.journey.outcome]).toEqual([401, 410, 'superseded']);
    expect(await opening(person, goodPassword, changed)).toEqual([]);
  });
});
