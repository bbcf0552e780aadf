import { expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { wrongOtp, wrongPassword } from '../actors/credentials.ts';
import { withoutRetries } from '../actors/request.ts';
import {
  blockPassword,
  currentSession,
  newSession,
  signIn,
  signInSubstantial,
  unsubscribe,
} from '../actors/sessions.ts';
import { startStack } from '../environment/stack.ts';
import { untilPast } from '../environment/waiting.ts';

test('while Temporal is away a password signs in, with an SMS code too, wrong ones count and block, and what needs a journey is refused', async () => {
  const stack = await startStack({ ownTemporal: true, policy: { otp: { resendAfter: 'PT1S' } } });
  try {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await stack.temporal.stop();
    const asks = [
      () => unsubscribe(withoutRetries(stack), token),
      () => citizen.withoutRetries().tryStartActivation(),
    ];
    for (const ask of asks) {
      const reply = await ask();
      expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
      expect(reply.headers.get('Retry-After')).not.toBeNull();
    }
    expect((await signIn(stack, citizen)).status).toBe(201);
    const journey = await signInSubstantial(stack, citizen);
    expect((await journey.enterOtp(wrongOtp(await journey.otp()))).body.journey.otp.attemptsLeft).toBe(2);
    await untilPast(journey.started.otp.resendAfter);
    expect((await journey.resend()).status).toBe(202);
    expect((await journey.read()).body.journey.step).toBe('otp');
    expect((await journey.enterOtp(await journey.otp(2))).body.journey.outcome).toBe('signed-in');
    expect((await signIn(stack, citizen, wrongPassword)).status).toBe(401);
    expect((await currentSession(stack, token)).status).toBe(200);
    await blockPassword(stack, citizen);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await currentSession(stack, token)).status).toBe(401);
  } finally {
    await stack.stop();
  }
});
