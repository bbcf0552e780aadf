import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { enforceLimits } from '../../api/http/rate-limits.ts';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { auditTypesOf, queryAsOwner, rowCounts } from '../database/rows.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { policyWith } from '../environment/test-policy.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({
    own: true,
    policy: { startsPerIp: { tries: 3, per: 'PT10M' }, requestsPerIp: { tries: 40, per: 'PT1M' } },
  });
});
afterAll(() => stack.stop());

/** What a front-end with its key sends along; each test has addresses of its own. */
const from = (forwarded: string): Record<string, string> => ({
  Forwarded: forwarded,
  'X-Front-End-Key': stack.frontEndKey,
});
const startFrom = (headers: Record<string, string>, path = '/activations'): Promise<HttpReply> => {
  const { nationalId, email } = newPersonalData();
  return requestOnce(stack, 'POST', path, {
    body: { nationalId, email, activationCode: wrongCode },
    headers,
  });
};
const statusesOf = async (headers: readonly Record<string, string>[]): Promise<number[]> => {
  const statuses: number[] = [];
  for (const each of headers) statuses.push((await startFrom(each)).status);
  return statuses;
};
/** The address as the API recorded it for the audit trail. */
const lastAddress = async (): Promise<string | undefined> =>
  (await queryAsOwner<{ ip: string }>(stack, 'SELECT ip FROM "Request" ORDER BY at DESC LIMIT 1'))[0]?.ip;

describe('starts from one address', () => {
  test('count together, a sign-in like any other', async () => {
    const headers = from('for=192.0.2.4');
    const signIn = () =>
      requestOnce(stack, 'POST', '/sessions', {
        body: { nationalId: newPersonalData().nationalId, password: 'Llueve-Poco7' },
        headers,
      });
    const statuses = [(await signIn()).status, ...(await statusesOf([headers, headers, headers]))];
    expect([...statuses, (await signIn()).status]).toEqual([401, 422, 422, 429, 429]);
  });

  test('are answered 429 after three, the same for every caller, and leave nothing behind', async () => {
    const citizen = await new Citizen(stack).register();
    const headers = from('for=192.0.2.1');
    const begun = [
      await startFrom(headers),
      await startFrom(headers, '/password-resets'),
      await citizen.tryStartActivation({ activationCode: wrongCode }, headers),
    ];
    expect(begun.map(({ status }) => status)).toEqual([422, 422, 422]);

    const first = await citizen.tryStartActivation({}, headers);
    // That a limit was reached is audited once.
    const before = await rowCounts(stack);
    const refused = [
      first,
      await citizen.tryStartActivation({}, headers),
      await citizen.tryStartActivation({ activationCode: wrongCode }, headers),
      await startFrom(headers),
      await startFrom(headers, '/password-resets'),
    ];
    for (const { status, body, headers } of refused) {
      expect([status, body]).toEqual([429, refused[0]?.body]);
      expect(Number(headers.get('Retry-After'))).toBeGreaterThan(590);
      expect(Number(headers.get('Retry-After'))).toBeLessThanOrEqual(600);
    }
    expect(await rowCounts(stack)).toEqual(before);
    expect((await citizen.tryStartActivation({}, from('for=192.0.2.2'))).status).toBe(201);
  });

  test('are not counted if they were malformed, nor are other requests', async () => {
    const headers = from('for=192.0.2.3');
    const citizen = await new Citizen(stack).register();
    for (let entry = 0; entry < 5; entry += 1)
      expect((await citizen.tryStartActivation({ activationCode: 'no' }, headers)).status).toBe(400);
    const journey = await citizen.startActivation(headers);
    for (let entry = 0; entry < 5; entry += 1)
      expect(
        (await requestOnce(stack, 'GET', `/journeys/${journey.id}`, { token: journey.token, headers }))
          .status,
      ).toBe(200);
    expect(await statusesOf([headers, headers, headers])).toEqual([422, 422, 429]);
  });
});

describe('requests from one address', () => {
  test('are answered 429 after forty, whatever the route', async () => {
    const headers = from('for=192.0.2.10');
    const ask = () => requestOnce(stack, 'GET', '/password-policy', { headers });
    const replies = await Promise.all(Array.from({ length: 50 }, ask));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(40);
    const refused = [
      await ask(),
      await startFrom(headers),
      await requestOnce(stack, 'GET', '/nothing', { headers }),
      await requestOnce(stack, 'POST', '/registrations', {
        body: newPersonalData(),
        token: stack.officeKey,
        headers,
      }),
    ];
    for (const { status, body, headers } of refused) {
      expect([status, body.code]).toEqual([429, 'too-many-requests']);
      expect(Number(headers.get('Retry-After'))).toBeLessThanOrEqual(60);
    }
    expect(
      (await requestOnce(stack, 'GET', '/password-policy', { headers: from('for=192.0.2.11') })).status,
    ).toBe(200);
    expect((await fetch(`${stack.url}/healthz`)).status).toBe(200);
    for (const path of ['/docs', '/docs/swagger-ui-bundle.js', '/openapi.json'])
      expect((await fetch(`${stack.url}${path}`, { headers })).status).toBe(429);
  });
});

describe('the limit of requests', () => {
  test('counts what is refused before any route like the rest, and together with it', async () => {
    const headers = from('for=192.0.2.12');
    const send = (method: string, path: string, body?: string, type = 'application/json') =>
      fetch(`${stack.url}/api/v1${path}`, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'Content-Type': type }) },
        ...(body !== undefined && { body }),
      });
    const early = [
      [415, () => send('POST', '/sessions', '{}', 'text/plain')],
      [413, () => send('POST', '/sessions', JSON.stringify({ password: 'x'.repeat(20_000) }))],
      [400, () => send('POST', '/sessions', '{')],
      [400, () => send('POST', '/sessions', '{}')],
      [400, () => send('GET', '/journeys/%')],
      [404, () => send('GET', '/nothing')],
      [405, () => send('PUT', '/sessions')],
      [401, () => send('GET', '/sessions/current')],
      [200, () => send('GET', '/password-policy')],
    ] as const;
    let counted = 0;
    for (; counted + early.length <= 40; counted += early.length)
      for (const [status, ask] of early) expect((await ask()).status).toBe(status);
    for (; counted < 40; counted += 1) expect((await send('GET', '/nothing')).status).toBe(404);
    for (const [, ask] of early) expect((await ask()).status).toBe(429);
    const signIn = { nationalId: newPersonalData().nationalId, password: 'Llueve-Poco7' };
    expect((await send('POST', '/sessions', JSON.stringify(signIn))).status).toBe(429);
  });
});

describe('a citizen’s address', () => {
  test.each([
    ['for=192.0.2.43', '192.0.2.43'],
    ['For="192.0.2.43:47011"', '192.0.2.43'],
    ['for=192.0.2.43;proto=https;by=203.0.113.43', '192.0.2.43'],
    ['proto=https; for=192.0.2.43', '192.0.2.43'],
    ['for=192.0.2.43, for=198.51.100.17', '192.0.2.43'],
    ['for="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for="[::ffff:192.0.2.43]"', '192.0.2.43'],
    ['for="2001:db8:cafe::17"', '2001:db8:cafe::17'],
    ['for="192.0.2.43:4711"', '192.0.2.43'],
    ['for="[fe80::17%25eth0]:_port"', 'fe80::17'],
    // What cannot be read is a client of its own.
    ['for="_hidden"', 'unreadable:_hidden'],
    ['for=999.0.2.43', 'unreadable:999.0.2.43'],
    // Without an address the front-end's own counts.
    ['for=unknown', '127.0.0.1'],
    ['for=', '127.0.0.1'],
    ['192.0.2.43', '127.0.0.1'],
    ['', '127.0.0.1'],
  ])('is read from a front-end with its key: %j is %s', async (forwarded, address) => {
    const citizen = new Citizen(stack);
    await requestOnce(stack, 'POST', '/citizen-lookups', {
      body: { nationalId: citizen.data.nationalId },
      token: stack.officeKey,
      headers: from(forwarded),
    });
    expect(await lastAddress()).toBe(address);
  });

  test('is read from no caller without the key, and from no other header', async () => {
    const strangers: Record<string, string>[] = [
      { Forwarded: 'for=192.0.2.50' },
      { Forwarded: 'for=192.0.2.51', 'X-Front-End-Key': 'x'.repeat(48) },
      { 'X-Forwarded-For': '192.0.2.52', 'X-Front-End-Key': stack.frontEndKey },
      { 'X-Real-Ip': '192.0.2.53' },
    ];
    expect(await statusesOf(strangers)).toEqual([422, 422, 422, 429]);
    expect(await lastAddress()).toBe('127.0.0.1');
  });

  test('of IPv6 counts as its /64, which is one household’s', async () => {
    const hosts = [
      '2001:db8:1:2::1',
      '2001:db8:1:2:ffff::',
      '2001:0db8:0001:0002:a:b:c:d',
      '2001:db8:1:2::4',
    ];
    const next = '2001:db8:1:3::1';
    expect(await statusesOf([...hosts, next].map((host) => from(`for="[${host}]"`)))).toEqual([
      422, 422, 422, 429, 422,
    ]);
  });

  test('of IPv6 counts with its /48 too, at 64 times the limit', async () => {
    const { db, ring } = stack;
    const dependencies = { db, ring, policy: policyWith({ startsPerIp: { tries: 1, per: 'PT10M' } }) };
    const startFrom = async (address: string) =>
      (await enforceLimits(['starts'], '/activations', { address, userAgent: '' }, dependencies))?.problem;
    for (let network = 1; network <= 64; network += 1)
      expect(await startFrom(`2001:db8:48:${network}::1`)).toBeUndefined();
    expect(await startFrom('2001:db8:48:ffff::1')).toBe('too-many-requests');
    expect(await startFrom('2001:db8:49:1::1')).toBeUndefined();
  });

  test('written as IPv4 within IPv6 is the same as written plainly', async () => {
    const forms = [
      'for=192.0.2.60',
      'for="[::ffff:192.0.2.60]"',
      'for="[::ffff:c000:23c]:99"',
      'for=192.0.2.60',
    ];
    expect(await statusesOf(forms.map(from))).toEqual([422, 422, 422, 429]);
  });
});

test('while limits cannot be counted every request is answered 503 and has no effect', async () => {
  const headers = from('for=192.0.2.70');
  const citizen = await new Citizen(stack).register();
  const journey = await citizen.startActivation(headers);
  const otp = await journey.otp();
  // What is sent is audited in the background.
  await until(
    () => auditTypesOf(stack, citizen.citizenId),
    (types) => types.includes('otp-sent') && types.includes('notice-sent'),
  );
  const before = await rowCounts(stack);
  await queryAsOwner(stack, 'ALTER TABLE limiter_row RENAME TO limiter_row_away');
  try {
    const signIn = { nationalId: newPersonalData().nationalId, password: 'Llueve-Poco7' };
    const asked = [
      requestOnce(stack, 'POST', '/sessions', { body: signIn, headers }),
      requestOnce(stack, 'POST', '/sessions', { body: {}, headers }),
      requestOnce(stack, 'PUT', '/sessions', { headers }),
      citizen.withoutRetries().tryStartActivation({}, headers),
      startFrom(headers),
      journey.withoutRetries().enterOtp(otp, headers),
      journey.withoutRetries().read(),
      requestOnce(stack, 'POST', '/registrations', {
        body: newPersonalData(),
        token: stack.officeKey,
        headers,
      }),
      requestOnce(stack, 'GET', '/password-policy', { headers }),
    ];
    for (const reply of await Promise.all(asked)) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
      expect(reply.headers.get('Retry-After')).not.toBeNull();
    }
  } finally {
    await queryAsOwner(stack, 'ALTER TABLE limiter_row_away RENAME TO limiter_row');
  }
  expect(await rowCounts(stack)).toEqual(before);
  expect((await journey.enterOtp(otp, headers)).status).toBe(200);
});
