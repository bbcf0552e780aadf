import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
import { requestWithRetry } from '../actors/request.ts';
import { currentSession, signIn, signInSubstantial } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const extend = ({ id, token }: Journey) =>
  requestWithRetry(stack, 'POST', `/journeys/${id}/extension`, { token });

describe('more time', () => {
  test.each([
    ['a journey', async () => (await new Citizen(stack).register()).startActivation()],
    ['a sign-in', async () => signInSubstantial(stack, await activeCitizen(stack))],
  ])('is given to %s once, as long again as it had', async (_, start) => {
    const journey = await start();
    const { startedAt } = await stack.db.prisma.journey.findUniqueOrThrow({ where: { id: journey.id } });
    const lengthMs = Date.parse(journey.started.expiresAt) - startedAt.getTime();
    const doubled = new Date(startedAt.getTime() + 2 * lengthMs).toISOString();
    for (let times = 0; times < 3; times += 1)
      expect(await extend(journey)).toMatchObject({
        status: 200,
        body: { journey: { step: 'otp', expiresAt: doubled } },
      });
    expect((await journey.read()).body.journey.expiresAt).toBe(doubled);
    // The code lives no longer than before.
    expect((await journey.read()).body.journey.otp.expiresAt).toBe(journey.started.otp.expiresAt);
  });

  test('is not given to a sign-in whose time has run out', async () => {
    const journey = await signInSubstantial(stack, await activeCitizen(stack));
    await stack.db.prisma.journey.update({
      where: { id: journey.id },
      data: { expiresAt: new Date(Date.now() - 1) },
    });
    expect(await extend(journey)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { outcome: 'timed-out' } },
    });
  });

  test('of a session is its idle limit anew, never past the absolute one', async () => {
    const citizen = await activeCitizen(stack);
    const { token } = (await signIn(stack, citizen)).body.session;
    const extendSession = () => requestWithRetry(stack, 'POST', '/sessions/current/extension', { token });
    const { session } = (await extendSession()).body;
    const idleMs = 15 * 60_000;
    const untilIdleMs = Date.parse(session.idleAt) - Date.now();
    expect(untilIdleMs).toBeLessThanOrEqual(idleMs);
    expect(untilIdleMs).toBeGreaterThan(idleMs - 60_000);
    const endsAt = new Date(Date.now() + 60_000);
    await stack.db.prisma.session.updateMany({ where: { citizenId: citizen.citizenId }, data: { endsAt } });
    const later = (await extendSession()).body.session;
    expect([later.idleAt, later.expiresAt]).toEqual([endsAt.toISOString(), endsAt.toISOString()]);
    expect((await currentSession(stack, token)).body.session.idleAt).toBe(endsAt.toISOString());
    await stack.db.prisma.session.updateMany({
      where: { citizenId: citizen.citizenId },
      data: { endsAt: new Date(Date.now() - 1) },
    });
    expect((await extendSession()).status).toBe(401);
  });
});
