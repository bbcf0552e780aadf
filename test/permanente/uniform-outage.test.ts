import { afterEach, expect, test } from '@jest/globals';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode, wrongPassword } from '../actors/credentials.ts';
import { blockPassword } from '../actors/sessions.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
afterEach(() => stack.stop());

const entry = ({ data, activationCode }: Citizen, overrides: object = {}) => ({
  nationalId: data.nationalId,
  email: data.email,
  activationCode: activationCode || wrongCode,
  ...overrides,
});

/** The bodies of starts by callers of each kind. */
async function outsiders() {
  const registered = await new Citizen(stack).register();
  const active = await activeCitizen(stack);
  const blocked = await activeCitizen(stack);
  await blockPassword(stack, blocked);
  const stranger = new Citizen(stack);
  const codes = [
    ...[entry(stranger), entry(registered, { email: 'other@example.org' }), entry(registered)],
    ...[entry(registered, { activationCode: wrongCode }), entry(active)],
  ];
  const signIn = ({ data: { nationalId } }: Citizen, password: string) => ({ nationalId, password });
  const passwords = [
    ...[signIn(stranger, goodPassword), signIn(registered, goodPassword), signIn(active, goodPassword)],
    ...[signIn(active, wrongPassword), signIn(blocked, goodPassword)],
  ];
  return { codes, passwords };
}

/** All that a client can observe of a reply, without the date and the request's id. */
const seen = ({ status, headers, body }: HttpReply): string =>
  JSON.stringify([
    status,
    body,
    [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name)).sort(),
  ]);

async function areAlike(path: string, bodies: readonly object[]): Promise<void> {
  const replies = await Promise.all(bodies.map((body) => requestOnce(stack, 'POST', path, { body })));
  for (const reply of replies)
    expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
  expect(new Set(replies.map(seen)).size).toBe(1);
}

test('while Temporal is away every start that needs it is refused alike, byte for byte, for every caller', async () => {
  stack = await startStack({ ownTemporal: true });
  const { codes } = await outsiders();
  await stack.temporal.stop();
  // Before the readiness probe has noticed, and again afterwards.
  for (const path of ['/activations', '/password-resets']) await areAlike(path, codes);
  await until(
    () => stack.readiness.state.worker,
    (isUp) => !isUp,
  );
  for (const path of ['/activations', '/password-resets']) await areAlike(path, codes);
});

test('while PostgreSQL is away every start is refused alike, byte for byte, for every caller', async () => {
  stack = await startStack({ own: true });
  const { codes, passwords } = await outsiders();
  const bringBack = await stack.database.takeAway();
  try {
    for (const path of ['/activations', '/password-resets']) await areAlike(path, codes);
    await areAlike('/sessions', passwords);
  } finally {
    await bringBack();
  }
});
