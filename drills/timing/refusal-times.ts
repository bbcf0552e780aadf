import { startedJourney } from '../../client/activate.ts';
import { bearer, createApiClient, expectStatus } from '../../client/client.ts';
import { journeyClient } from '../../client/journey-client.ts';
import type { NpmService } from '../../local/fleet/npm-start.ts';
import { waitForOtp } from '../../local/phone/phone-client.ts';
import { goodPassword, wrongCode } from '../../test/actors/credentials.ts';
import { workflowCache } from '../../worker/workflow-cache.ts';
import { type Citizen, register, registerActive, unknownCitizen } from '../overload/registered-citizens.ts';

/** How often each group is tried. */
export interface Sizes {
  readonly tries: number;
}

/** The body of the next start of a group. */
export type Try = (number: number) => object;

/** The times of each group under a title, in milliseconds. */
export interface Measured {
  readonly title: string;
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

/** More citizens than the worker keeps in its cache. */
const moreThanCached = workflowCache.maxCachedWorkflows + 20;

const entry = ({ nationalId, email, activationCode }: Citizen, overrides: object = {}) => ({
  nationalId,
  email,
  activationCode,
  ...overrides,
});
const wrong = { activationCode: wrongCode };
const signIn = ({ nationalId }: Pick<Citizen, 'nationalId'>, password = 'Wrong-Password-9!') => ({
  nationalId,
  password,
});

/** Registers the citizens, then measures each comparison. `tolerated`: how many wrong entries are refused before the next one blocks. */
export async function* measureRefusals(
  service: NpmService,
  { tries }: Sizes,
  tolerated: number,
  say: (line: string) => void,
): AsyncGenerator<Measured> {
  say(`Registering ${2 * tries + moreThanCached} citizens, most of them so that the first leave the cache …`);
  const many = (count: number) => inTens(count, () => register(service));
  const cold = await many(2 * tries);
  await many(moreThanCached);
  const [warm, otherEmail, noPassword] = (await many(3)) as [Citizen, Citizen, Citizen];
  const [active, blocked, suspended, gone] = (await registerActive(service, 4)) as [
    Citizen,
    Citizen,
    Citizen,
    Citizen,
  ];
  const codeBlocked = await register(service);
  const decoy = unknownCitizen();
  await suspend(service, suspended);
  await unsubscribe(service, gone);

  let nextCold = 0;
  const refused: Record<string, Try> = {
    'an unknown id': () => entry(unknownCitizen(), wrong),
    'a known id, another email': () => entry(otherEmail, { email: `other.${otherEmail.email}` }),
    'a wrong code, the citizen in the cache': () => entry(warm, wrong),
    'a wrong code, the citizen not in the cache': () => entry(cold[nextCold++] ?? warm, wrong),
    'a wrong code, suspended': () => entry(suspended, wrong),
    'who has unsubscribed, with the code': () => entry(gone),
  };
  for (const path of ['/activations', '/password-resets'])
    yield { title: `POST ${path}: 422`, groups: await times(service, path, 422, tries, refused) };

  const signIns: Record<string, Try> = {
    'an unknown id': () => signIn(unknownCitizen()),
    'a wrong password': () => signIn(active),
    'the right one, blocked': () => signIn(blocked, goodPassword),
    'the right one, suspended': () => signIn(suspended, goodPassword),
    'the right one, unsubscribed': () => signIn(gone, goodPassword),
    'registered, without a password': () => signIn(noPassword),
  };
  await inTens(tolerated + 1, () => timedPost(service, '/sessions', signIn(blocked)));
  yield { title: 'POST /sessions: 401', groups: await times(service, '/sessions', 401, tries, signIns) };

  for (const who of [entry(codeBlocked, wrong), entry(decoy, wrong)])
    await inTens(tolerated + 1, () => timedPost(service, '/activations', who));
  const whenBlocked: Record<string, Try> = {
    'an unknown id, too often': () => entry(decoy, wrong),
    'a citizen, too often wrong': () => entry(codeBlocked, wrong),
    'a citizen, too often wrong, now right': () => entry(codeBlocked),
    'who is suspended, with the code': () => entry(suspended),
  };
  for (const path of ['/activations', '/password-resets'])
    yield { title: `POST ${path}: 423`, groups: await times(service, path, 423, tries, whenBlocked) };
}

/** Does `work` `count` times, ten at a time: for preparation, not for measurement. */
async function inTens<Result>(count: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let begun = 0;
  const caller = async () => {
    for (; begun < count; ) {
      begun += 1;
      results.push(await work());
    }
  };
  await Promise.all(Array.from({ length: 10 }, caller));
  return results;
}

/** One start and how long its answer took. */
export async function timedPost(
  { url }: NpmService,
  path: string,
  body: object,
): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now();
  const headers = { 'Content-Type': 'application/json' };
  const reply = await fetch(`${url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  await reply.text();
  return { status: reply.status, ms: performance.now() - startedAt };
}

/** Measures the groups in turn, so that other load slows all alike. @throws Error if one gets another status */
async function times(
  service: NpmService,
  path: string,
  expected: number,
  tries: number,
  groups: Record<string, Try>,
): Promise<Map<string, number[]>> {
  const measured = new Map(Object.keys(groups).map((name) => [name, [] as number[]]));
  const list = Object.entries(groups);
  for (let number = 0; number < tries; number += 1) {
    // Begins with another group each time, so that none always follows the same one.
    for (let place = 0; place < list.length; place += 1) {
      const [name, next] = list[(place + number) % list.length] as [string, Try];
      const { status, ms } = await timedPost(service, path, next(number));
      if (status !== expected) throw new Error(`${name} at ${path}: ${status}, not ${expected}`);
      measured.get(name)?.push(ms);
    }
  }
  return measured;
}

async function suspend({ url, officeKey }: NpmService, { nationalId }: Citizen): Promise<void> {
  const body = { nationalId, reason: 'a lost phone' };
  await expectStatus(
    201,
    createApiClient({ url }).POST('/suspensions', { body, headers: bearer(officeKey) }),
  );
}

async function unsubscribe({ url, phoneUrl }: NpmService, citizen: Citizen): Promise<void> {
  const api = createApiClient({ url });
  const body = { nationalId: citizen.nationalId, password: goodPassword };
  const answer = await expectStatus(201, api.POST('/sessions', { body }));
  if (!('session' in answer)) throw new Error('no session');
  const headers = bearer(answer.session.token);
  const started = await expectStatus(201, api.POST('/unsubscriptions', { body: {}, headers }));
  // The second: the first was that of the activation.
  const otp = await waitForOtp(phoneUrl, citizen.phone, 2);
  await expectStatus(200, journeyClient(api, startedJourney(started)).submitOtp(otp));
}
