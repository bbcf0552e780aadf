import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { changePassword, currentSession, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { lockPassword } from '../database/row-locks.ts';
import type { HttpReply } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

const changed = 'Sopla-Viento9';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const stagedPasswords = ({ citizenId }: Citizen): Promise<number> =>
  stack.db.prisma.stagedPassword.count({ where: { citizenId } });

type Step = () => Promise<HttpReply>;

/** The second waits for the workflow's mutex, which nothing shows, or for the same row. */
const soon = () => sleep(150);

/** Sends two last steps in this order; a row lock holds the first until the second has arrived. */
async function atOnce(
  citizen: Citizen,
  first: Step,
  second: Step,
  secondHasArrived: () => Promise<unknown> = soon,
): Promise<[HttpReply, HttpReply]> {
  const barrier = await lockPassword(stack, citizen.citizenId);
  const one = first();
  await barrier.untilWaitedFor();
  const other = second();
  await secondHasArrived();
  await barrier.release();
  return [await one, await other];
}

/** Which of these passwords sign in. */
async function opening(citizen: Citizen, ...passwords: string[]): Promise<string[]> {
  const opened: string[] = [];
  for (const password of passwords)
    if ((await signIn(stack, citizen, password)).status === 201) opened.push(password);
  return opened;
}

/** A reset at its password step and a change at its SMS code step, of one citizen. */
async function resetAndChange() {
  const citizen = await activeCitizen(stack);
  const reset = await citizen.confirmedJourney();
  const token = await newSession(stack, citizen);
  const change = await expectStartedJourney(stack, changePassword(stack, token, goodPassword, changed));
  const otp = await change.otp();
  return {
    citizen,
    token,
    reset: () => reset.setPassword(otherPassword),
    change: () => change.enterOtp(otp),
  };
}

describe('in the same moment', () => {
  test('a change and a reset that follows it: a new password ends what was under way, and is the one', async () => {
    const { citizen, token, reset, change } = await resetAndChange();
    // Staged later than the change ends, the password of the reset would be left to the upkeep.
    const bothStaged = () =>
      until(
        () => stagedPasswords(citizen),
        (count) => count === 2,
      );
    const [first, second] = await atOnce(citizen, change, reset, bothStaged);
    expect([first.status, first.body.journey.outcome]).toEqual([200, 'password-set']);
    expect([second.status, second.body.journey.outcome]).toEqual([410, 'superseded']);
    expect(await opening(citizen, goodPassword, changed, otherPassword)).toEqual([changed]);
    expect((await currentSession(stack, token)).status).toBe(200);
    expect(await stagedPasswords(citizen)).toBe(0);
  });

  test('a reset and a change that follows it: the change rests on what has gone, and ends superseded', async () => {
    const { citizen, token, reset, change } = await resetAndChange();
    const [first, second] = await atOnce(citizen, reset, change);
    expect([first.status, first.body.journey.outcome]).toEqual([200, 'password-set']);
    expect([second.status, second.body.journey.outcome]).toEqual([410, 'superseded']);
    expect(await opening(citizen, goodPassword, changed, otherPassword)).toEqual([otherPassword]);
    expect((await currentSession(stack, token)).status).toBe(401);
  });

  test.each(['before', 'after'] as const)(
    'a sign-in just %s an unsubscription leaves no session',
    async (order) => {
      const citizen = await activeCitizen(stack);
      const token = await newSession(stack, citizen);
      const leaving = await expectStartedJourney(stack, unsubscribe(stack, token));
      const otp = await leaving.otp();
      const steps = [() => signIn(stack, citizen), () => leaving.enterOtp(otp)] as const;
      const [first, second] =
        order === 'before' ? await atOnce(citizen, ...steps) : await atOnce(citizen, steps[1], steps[0]);
      const [signedIn, left] = order === 'before' ? [first, second] : [second, first];
      expect(left.body.journey.outcome).toBe('unsubscribed');
      expect(signedIn.status).toBe(order === 'before' ? 201 : 401);
      const { citizenId } = citizen;
      expect(await stack.db.prisma.session.count({ where: { citizenId } })).toBe(0);
      expect(await stack.db.prisma.password.count({ where: { citizenId } })).toBe(0);
      if (order === 'before')
        expect((await currentSession(stack, signedIn.body.session.token)).status).toBe(401);
    },
  );

  test('the sixth wrong sign-in and a change: whichever is first, a block is never undone by the change', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const change = await expectStartedJourney(stack, changePassword(stack, token, goodPassword, changed));
    const otp = await change.otp();
    for (let failure = 0; failure < 5; failure += 1) await signIn(stack, citizen, wrongPassword);
    const [refused, end] = await atOnce(
      citizen,
      () => signIn(stack, citizen, wrongPassword),
      () => change.enterOtp(otp),
    );
    expect([refused.status, end.status, end.body.journey.outcome]).toEqual([401, 410, 'superseded']);
    expect(await opening(citizen, goodPassword, changed)).toEqual([]);
  });
});
