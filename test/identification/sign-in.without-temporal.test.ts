import { expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { withoutRetries } from '../actors/request.ts';
import { blockPassword, currentSession, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { startStack } from '../environment/stack.ts';

test('while Temporal is away a password signs in, wrong ones count and block, and what needs a journey is refused', async () => {
  const stack = await startStack({ ownTemporal: true });
  try {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await stack.temporal.stop();
    const asks = [
      () => signIn(withoutRetries(stack), citizen, goodPassword, { assurance: 'substantial' }),
      () => unsubscribe(withoutRetries(stack), token),
      () => citizen.withoutRetries().tryStartActivation(),
    ];
    for (const ask of asks) {
      const reply = await ask();
      expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
      expect(reply.headers.get('Retry-After')).not.toBeNull();
    }
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect((await signIn(stack, citizen, wrongPassword)).status).toBe(401);
    expect((await currentSession(stack, token)).status).toBe(200);
    await blockPassword(stack, citizen);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await currentSession(stack, token)).status).toBe(401);
  } finally {
    await stack.stop();
  }
});
