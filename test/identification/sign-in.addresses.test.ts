import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { signIn } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { failedIdsPerIp: { tries: 3, per: 'P1D' } } });
});
afterAll(() => stack.stop());

describe('one address', () => {
  const from = (
    address: string,
    who: { data: ReturnType<typeof newPersonalData> },
    password = wrongPassword,
  ) =>
    signIn(stack, who, password, {
      headers: { Forwarded: `for=${address}`, 'X-Front-End-Key': stack.frontEndKey },
    });
  test('may fail on as many ids as the policy says, known or not; what is right takes no place', async () => {
    const owner = await activeCitizen(stack);
    const others = [
      await activeCitizen(stack),
      { data: newPersonalData() },
      { data: newPersonalData() },
    ] as const;
    expect((await from('192.0.2.1', owner, goodPassword)).status).toBe(201);
    for (const who of others) expect((await from('192.0.2.1', who)).status).toBe(401);

    const full = await from('192.0.2.1', { data: newPersonalData() });
    expect(full).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(Number(full.headers.get('Retry-After'))).toBeGreaterThan(0);
    for (const who of others) expect((await from('192.0.2.1', who)).status).toBe(401);
    // Without a slot no password is compared.
    expect((await from('192.0.2.1', owner)).status).toBe(429);
    const where = { citizenId: owner.citizenId };
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).failuresInARow).toBe(0);
    expect((await from('192.0.2.2', owner, goodPassword)).status).toBe(201);
    expect((await from('192.0.2.2', { data: newPersonalData() })).status).toBe(401);
  });

  test('is not believed without the key of the front-end', async () => {
    const forge = (last: number) =>
      signIn(stack, { data: newPersonalData() }, wrongPassword, {
        headers: { Forwarded: `for=192.0.2.${last}` },
      });
    const statuses = [];
    for (let last = 10; last < 14; last += 1) statuses.push((await forge(last)).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
  });

  test('with twenty ids at once fails on no more', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => from('192.0.2.77', { data: newPersonalData() })),
    );
    expect(replies.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(3);
    expect(new Set([...replies.map(({ status }) => status), 401, 429])).toEqual(new Set([401, 429]));
  });

  test('of IPv6 is a whole household', async () => {
    const statuses = [];
    for (let host = 1; host <= 4; host += 1)
      statuses.push((await from(`"[2001:db8::${host}]"`, { data: newPersonalData() })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await from('"[2001:db8:0:1::1]"', { data: newPersonalData() })).status).toBe(401);
  });
});
