import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addressDigest } from '../../api/http/rate-limits.ts';
import { browserToken } from '../../api/identification/known-browser.ts';
import { before as instantBefore } from '../../domain/durations.ts';
import { ResponseRandomness } from '../../platform/response-randomness.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import {
  newSession,
  reportUnrecognisedActivity,
  signIn,
  signInSubstantial,
  unsubscribe,
} from '../actors/sessions.ts';
import { fillFailedIds } from '../database/failed-ids.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type SecretKeys, type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Options = Parameters<typeof signIn>[3];
let addresses = 0;
/** One that no test has used. */
const anAddress = () => {
  addresses += 1;
  return `198.18.${addresses >> 8}.${addresses & 255}`;
};
/** Signs in at an address that strangers have used up. */
async function fromFullAddress(
  { data }: { data: Citizen['data'] },
  {
    password = goodPassword,
    at = stack,
    ring = stack.ring,
    headers = {},
    ...options
  }: Options & {
    password?: string;
    at?: { url: string };
    ring?: KeyRing;
  } = {},
) {
  const address = anAddress();
  await fillFailedIds(stack, address, ring);
  const { frontEndKey } = stack;
  const forwarded = { Forwarded: `for=${address}`, 'X-Front-End-Key': frontEndKey, ...headers };
  return signIn(at, { data }, password, { ...options, headers: forwarded });
}
const browserOf = async (citizen: Citizen): Promise<string> =>
  (await signIn(stack, citizen)).body.session.browserToken;
const passwordOf = ({ citizenId }: Citizen) =>
  stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
const tooMany = { status: 429, body: { code: 'too-many-requests' } };

describe('at an address that strangers have used up', () => {
  test('a browser that has signed in before signs in, and any other is refused', async () => {
    const citizen = await activeCitizen(stack);
    const browser = await browserOf(citizen);
    expect(await fromFullAddress(citizen)).toMatchObject(tooMany);
    const reply = await fromFullAddress(citizen, { browser });
    expect(reply).toMatchObject({ status: 201, body: { session: { browserToken: expect.any(String) } } });
    // Each sign-in begins the period anew.
    expect(reply.body.session.browserToken).not.toBe(browser);
    expect(await fromFullAddress(citizen, { browser: reply.body.session.browserToken })).toMatchObject({
      status: 201,
    });
  });

  test('it gets as far as an SMS code, whose reply makes a browser known too', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    expect(JSON.stringify(journey.started)).not.toContain('browserToken');
    const { browserToken } = (await journey.enterOtp(await journey.otp())).body.journey.session;
    const begun = fromFullAddress(citizen, { browser: browserToken, assurance: 'substantial' });
    const next = await expectStartedJourney(stack, begun);
    expect((await next.enterOtp(await next.otp())).status).toBe(200);
    expect(JSON.stringify((await next.read()).body)).not.toContain('browserToken');
  });

  test('its wrong passwords count and block, after which it is not known', async () => {
    const citizen = await activeCitizen(stack);
    const browser = await browserOf(citizen);
    for (let failures = 1; failures <= 6; failures += 1) {
      expect((await fromFullAddress(citizen, { browser, password: wrongPassword })).status).toBe(401);
      expect((await passwordOf(citizen)).failuresInARow).toBe(failures);
    }
    expect((await passwordOf(citizen)).blockedAt).not.toBeNull();
    expect(await fromFullAddress(citizen, { browser })).toMatchObject(tooMany);
    expect((await signIn(stack, citizen, goodPassword, { browser })).status).toBe(401);
  });

  test('it is held to the starts of the address', async () => {
    const citizen = await activeCitizen(stack);
    const browser = await browserOf(citizen);
    const address = anAddress();
    const headers = { Forwarded: `for=${address}`, 'X-Front-End-Key': stack.frontEndKey };
    await fillFailedIds(stack, address);
    expect((await signIn(stack, citizen, goodPassword, { browser, headers })).status).toBe(201);
    const key = `starts:${addressDigest(stack.ring, address)}`;
    await queryAsOwner(stack, 'UPDATE limiter_row SET points = $2 WHERE key = $1', [
      key,
      stack.policy.startsPerIp.max,
    ]);
    expect(await signIn(stack, citizen, goodPassword, { browser, headers })).toMatchObject(tooMany);
  });
});

describe('a token that is not good is ignored, and no password is compared:', () => {
  const refuses = async (citizen: Pick<Citizen, 'data'>, browser: string, password = goodPassword) => {
    const without = await fromFullAddress(citizen, { password });
    const compared = stack.hashed();
    const reply = await fromFullAddress(citizen, { browser, password });
    expect(reply).toMatchObject(tooMany);
    expect([reply.body, [...reply.headers.keys()]]).toEqual([without.body, [...without.headers.keys()]]);
    expect(stack.hashed()).toBe(compared);
  };
  const sealed = (
    { citizenId }: Citizen,
    { credentialId = randomUUID() as string, startedAt = new Date(), ring = stack.ring } = {},
  ) => browserToken({ citizenId, credentialId, startedAt }, new ResponseRandomness(), ring);

  test('that of another citizen, for a citizen as for an id that nobody has', async () => {
    const [citizen, other] = [await activeCitizen(stack), await activeCitizen(stack)];
    const browser = await browserOf(other);
    await refuses(citizen, browser);
    await refuses({ data: newPersonalData() }, browser);
    // Not even with the password of this one.
    await refuses(citizen, sealed(other, { credentialId: (await passwordOf(citizen)).id }));
  });

  test('one that was changed, is none, or was sealed under a key of nobody', async () => {
    const citizen = await activeCitizen(stack);
    const { body } = await signIn(stack, citizen);
    const { browserToken: browser, token } = body.session;
    const foreign = new KeyRing([{ id: stack.key.id, bytes: randomBytes(32) }]);
    const changed = `${browser.slice(0, -3)}${browser.at(-3) === 'A' ? 'B' : 'A'}${browser.slice(-2)}`;
    const credentialId = (await passwordOf(citizen)).id;
    for (const bad of [changed, browser.slice(0, 40), '', '..', 'v1.k1.', token, '\u0000'.repeat(20)])
      await refuses(citizen, bad);
    await refuses(citizen, sealed(citizen, { credentialId, ring: foreign }));
    await refuses(citizen, sealed(citizen));
    // Where nothing is full it makes no difference.
    expect((await signIn(stack, citizen, goodPassword, { browser: 'none' })).status).toBe(201);
    expect((await signIn(stack, citizen, wrongPassword, { browser: 'none' })).status).toBe(401);
  });

  test('one of ninety days ago', async () => {
    const citizen = await activeCitizen(stack);
    const { id, citizenId } = await passwordOf(citizen);
    const registeredAt = new Date(instantBefore(Date.now(), 'P1Y'));
    await stack.db.prisma.citizen.update({ where: { id: citizenId }, data: { registeredAt } });
    const agedBy = (life: string) =>
      sealed(citizen, { credentialId: id, startedAt: new Date(instantBefore(Date.now(), life)) });
    await refuses(citizen, agedBy('P90D'));
    expect((await fromFullAddress(citizen, { browser: agedBy('P89D') })).status).toBe(201);
  });

  test('one of a former password', async () => {
    const citizen = await activeCitizen(stack);
    const browser = await browserOf(citizen);
    await citizen.activateOrReset(otherPassword);
    await refuses(citizen, browser, otherPassword);
  });

  test('one from before «it was not me», also after a registration act that opens the password again', async () => {
    const citizen = await activeCitizen(stack);
    const browser = await browserOf(citizen);
    await reportUnrecognisedActivity(stack, await newSession(stack, citizen));
    await refuses(citizen, browser);
    await citizen.register();
    await refuses(citizen, browser);
    expect((await fromFullAddress(citizen, { browser: await browserOf(citizen) })).status).toBe(201);
  });

  test('one of a citizen who is suspended, or has unsubscribed', async () => {
    const [suspended, gone] = [await activeCitizen(stack), await activeCitizen(stack)];
    const browsers = [await browserOf(suspended), await browserOf(gone)] as const;
    expect((await suspend(stack, suspended)).status).toBe(201);
    await refuses(suspended, browsers[0]);
    const leaving = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, gone)));
    expect((await leaving.enterOtp(await leaving.otp())).status).toBe(200);
    await refuses(gone, browsers[1]);
  });
});

/** As if the reply had been lost before it was stored. */
const forgetReplies = () =>
  queryAsOwner(stack, `UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503`);

test('a repetition gets the same token, also if the first reply was lost', async () => {
  const citizen = await activeCitizen(stack);
  const key = randomUUID();
  const signInAgain = () => signIn(stack, citizen, goodPassword, { headers: { 'Idempotency-Key': key } });
  const journey = await signInSubstantial(stack, citizen);
  const otp = await journey.otp();
  const enterAgain = () => journey.enterOtp(otp, { 'Idempotency-Key': key });
  const first = [(await signInAgain()).body.session, (await enterAgain()).body.journey.session];
  await forgetReplies();
  expect([(await signInAgain()).body.session, (await enterAgain()).body.journey.session]).toEqual(first);
});

test('the secret key can be changed: each makes with its first key, and knows the browsers of all of its keys', async () => {
  const citizen = await activeCitizen(stack);
  const k2: SecretKeys[0] = { id: 'k2', bytes: randomBytes(32) };
  const [both, alone] = [await stack.startApi(k2, stack.key), await stack.startApi(k2)];
  const browser = await browserOf(citizen);
  const ring = new KeyRing([k2]);
  const renewed = await fromFullAddress(citizen, { browser, at: both, ring });
  expect(renewed.status).toBe(201);
  expect(await fromFullAddress(citizen, { browser, at: alone, ring })).toMatchObject(tooMany);
  const { browserToken } = renewed.body.session;
  expect((await fromFullAddress(citizen, { browser: browserToken, at: alone, ring })).status).toBe(201);
  await Promise.all([both.stop(), alone.stop()]);
});
