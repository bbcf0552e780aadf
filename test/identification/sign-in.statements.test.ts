import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PoolClient } from 'pg';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, wrongPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { fillFailedIds } from '../database/failed-ids.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

/** What was sent to PostgreSQL, in order; a trip ends when an answer is waited for before more is sent. */
let trips: string[][] = [];
let unanswered = 0;
const watched = new WeakSet<PoolClient>();
/** A notice of the citizen's activation may still be on its way; readiness is probed. */
const ofOthers = /text|sms|count-attempt|^SELECT 1$/;

/** Records the statements of requests: they have names, or open and end a transaction. */
function watch(client: PoolClient): void {
  if (watched.has(client)) return;
  watched.add(client);
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  client.query = ((...args: unknown[]) => {
    const [statement] = args as [string | { name?: string; text: string }];
    const name = typeof statement === 'string' ? statement : statement.name;
    const result = query(...args) as Promise<unknown> | undefined;
    if (name === undefined || ofOthers.test(name) || typeof result?.then !== 'function') return result;
    if (unanswered === 0) trips.push([]);
    trips.at(-1)?.push(name);
    unanswered += 1;
    const answered = () => {
      unanswered -= 1;
    };
    result.then(answered, answered);
    return result;
  }) as typeof client.query;
}

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true });
  // A client's own method takes a callback where the pool sends one statement: the pool is given our promise instead.
  stack.db.pool.query = (async (statement: { text: string }) => {
    const client = await stack.db.pool.connect();
    try {
      return await client.query(statement);
    } finally {
      client.release();
    }
  }) as typeof stack.db.pool.query;
  stack.db.pool.on('acquire', watch);
});
afterAll(() => stack.stop());

/** Once: a client that repeats its requests would send a key with each. */
const signIn = (
  { data: { nationalId } }: { data: { nationalId: string } },
  password: string,
  headers: Readonly<Record<string, string>> = {},
  assurance = 'basic',
  browser?: string,
) =>
  requestOnce(stack, 'POST', '/sessions', {
    body: { nationalId, password, assurance, ...(browser && { browser }) },
    headers,
  });
const sentBy = async (work: () => Promise<{ status: number }>) => {
  trips = [];
  const { status } = await work();
  return { status, trips };
};

describe('a sign-in with the password alone', () => {
  test('asks PostgreSQL three times: before the password is compared, for the lock, and at the end', async () => {
    const citizen = await activeCitizen(stack);
    expect(await sentBy(() => signIn(citizen, goodPassword))).toEqual({
      status: 201,
      trips: [
        ['prepare-sign-in'],
        ['BEGIN', 'advisory-lock', 'lock-citizen', 'lock-password'],
        ['open-session', 'COMMIT'],
      ],
    });
  });

  test('that is refused sends the same for an id that nobody has as for a wrong or a blocked password', async () => {
    const citizen = await activeCitizen(stack);
    const stranger = await sentBy(() => signIn({ data: newPersonalData() }, goodPassword));
    expect(stranger).toEqual({
      status: 401,
      trips: [
        ['prepare-sign-in'],
        ['BEGIN', 'advisory-lock', 'lock-citizen', 'lock-password'],
        ['refuse-sign-in', 'COMMIT'],
      ],
    });
    for (let tries = 0; tries < 5; tries += 1)
      expect(await sentBy(() => signIn(citizen, wrongPassword))).toEqual(stranger);
    // The one that blocks ends what is open besides.
    await signIn(citizen, wrongPassword);
    expect(await sentBy(() => signIn(citizen, goodPassword))).toEqual(stranger);
  });

  test('under an Idempotency-Key counts against the limits first, by itself', async () => {
    const citizen = await activeCitizen(stack);
    const headers = { 'Idempotency-Key': 'counted-first' };
    const { status, trips } = await sentBy(() => signIn(citizen, goodPassword, headers));
    expect([status, trips[0]]).toEqual([201, ['count-request']]);
    const again = await sentBy(() => signIn(citizen, goodPassword, headers));
    expect([again.status, again.trips]).toEqual([201, [['count-request']]]);
  });
});

test('at an address with no place left the same is sent for every citizen, stranger and token that is not good', async () => {
  const citizen = await activeCitizen(stack);
  const { browserToken } = (await signIn(citizen, goodPassword)).body.session;
  const stranger = { data: newPersonalData() };
  const giveBack = await fillFailedIds(stack, '127.0.0.1');
  const from = (who: Pick<typeof citizen, 'data'>, browser?: string) =>
    sentBy(() => signIn(who, goodPassword, {}, 'basic', browser));
  const refused = await from(stranger);
  expect(refused).toEqual({ status: 429, trips: [['prepare-sign-in'], ['known-browser']] });
  for (const [who, browser] of [
    [stranger, browserToken],
    [citizen, undefined],
    [citizen, 'v1.k1.none'],
  ] as const)
    expect(await from(who, browser)).toEqual(refused);
  expect((await from(citizen, browserToken)).status).toBe(201);
  await giveBack();
});

test('a sign-in with an SMS code asks PostgreSQL five times before it answers', async () => {
  const citizen = await activeCitizen(stack);
  const { status, trips: sent } = await sentBy(() => signIn(citizen, goodPassword, {}, 'substantial'));
  expect(status).toBe(201);
  // The release of the slot follows, for which no answer waits. Those of the SMS and its allowance are not recorded.
  expect(sent.slice(0, 4)).toEqual([
    ['prepare-sign-in'],
    ['BEGIN', 'advisory-lock', 'lock-citizen', 'lock-password'],
    ['find-identification', 'lock-open-identifications', 'otp-counts'],
    ['end-identifications', 'insert-identification', 'audit', 'COMMIT'],
  ]);
});
