import { expect, test } from '@jest/globals';
import { goodPassword } from '../actors/front-end.ts';
import {
  activePerson,
  blockPassword,
  sessionOf,
  signIn,
  unsubscribe,
  whoAmI,
  wrongPassword,
} from '../actors/signed-in.ts';
import { startStack } from '../environment/stack.ts';

test('while Temporal is away a password signs in, wrong ones count and block, and what needs a journey is refused within five seconds', async () => {
  const stack = await startStack();
  try {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    await stack.temporal.stop();
    const asks = [
      () => signIn(stack, person, goodPassword, { assurance: 'substantial' }),
      () => unsubscribe(stack, token),
      () => person.start(),
    ];
    for (const ask of asks) {
      const startedAt = performance.now();
      const reply = await ask();
      expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
      expect(reply.headers.get('Retry-After')).not.toBeNull();
      expect(performance.now() - startedAt).toBeLessThan(5_000);
    }
    expect((await signIn(stack, person)).status).toBe(201);
    expect((await signIn(stack, person, wrongPassword)).status).toBe(401);
    expect((await whoAmI(stack, token)).status).toBe(200);
    await blockPassword(stack, person);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await whoAmI(stack, token)).status).toBe(401);
  } finally {
    await stack.stop();
  }
});
