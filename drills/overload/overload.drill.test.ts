import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { argon2Parameters } from '../../platform/hashing.ts';
import { activeCitizen, Citizen } from '../../test/actors/citizen.ts';
import { goodPassword, wrongCode, wrongPassword } from '../../test/actors/credentials.ts';
import { newPersonalData } from '../../test/actors/personal-data.ts';
import { signIn } from '../../test/actors/sessions.ts';
import { type Stack, startStack } from '../../test/environment/stack.ts';
import { flood } from './flood.ts';

// The short form: `npm run overload` sends two thousand to processes of their own, and looks at time and memory too.
const atOnce = 600;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    policy: { failedIdsPerIp: { tries: 1_000_000, per: 'P1D' } },
    hashing: argon2Parameters,
  });
});
afterAll(() => stack.stop());

describe('more requests at once than can be served', () => {
  test.each<[string, (nationalId: string, email: string) => object]>([
    ['/sessions', (nationalId) => ({ nationalId, password: wrongPassword })],
    ['/activations', (nationalId, email) => ({ nationalId, email, activationCode: wrongCode })],
  ])('at %s are told to come again, every one, and who comes again is let in', async (path, body) => {
    const citizen = await activeCitizen(stack);
    const bodies = Array.from({ length: atOnce }, () => {
      const { nationalId, email } = newPersonalData();
      return body(nationalId, email);
    });
    const flooding = flood(`${stack.url}/api/v1${path}`, bodies);
    const alive = await fetch(`${stack.url}/healthz`);
    const { statuses, cut, withoutRetryAfter } = await flooding;
    expect([alive.status, cut, withoutRetryAfter]).toEqual([200, 0, 0]);
    const answered = Object.keys(statuses).map(Number);
    for (const status of answered) expect([401, 422, 503]).toContain(status);
    expect(answered).toContain(503);
    expect(Object.values(statuses).reduce((sum, count) => sum + count)).toBe(atOnce);

    expect((await signIn(stack, citizen, goodPassword)).status).toBe(201);
    expect((await (await new Citizen(stack).register()).tryStartActivation()).status).toBe(201);
  });
});
