import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { requestWithRetry } from '../actors/request.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('an activation, end to end', () => {
  test('takes a registered citizen from the code to a password that lives two years', async () => {
    const citizen = await new Citizen(stack).register();
    const begun = await citizen.tryStartActivation();
    expect(begun.status).toBe(201);
    const { journey, token } = begun.body;
    expect(journey).toMatchObject({
      kind: 'activation',
      step: 'otp',
      outcome: null,
      otp: { sentTo: `•••••${citizen.data.phone.slice(-4)}`, attemptsLeft: 3, sendsLeft: 2 },
    });

    const otp = await citizen.otp();
    const confirmed = await requestWithRetry(stack, 'POST', `/journeys/${journey.id}/otp`, {
      body: { otp },
      token,
    });
    expect(confirmed).toMatchObject({ status: 200, body: { journey: { step: 'password', outcome: null } } });

    const done = await requestWithRetry(stack, 'POST', `/journeys/${journey.id}/password`, {
      body: { password: goodPassword },
      token,
    });
    expect(done).toMatchObject({ status: 200, body: { journey: { step: 'done', outcome: 'activated' } } });
    const inTwoYears = new Date();
    inTwoYears.setUTCFullYear(inTwoYears.getUTCFullYear() + 2);
    expect(Math.abs(Date.parse(done.body.journey.passwordExpiresAt) - inTwoYears.getTime())).toBeLessThan(
      60_000,
    );

    const lookedUp = await requestWithRetry(stack, 'POST', '/citizen-lookups', {
      body: { nationalId: citizen.data.nationalId },
      token: stack.officeKey,
    });
    expect(lookedUp.body).toMatchObject({ status: 'active', blocked: [] });
  });
});
