import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { activeCitizen } from '../actors/citizen.ts';
import {
  authorizationRequest,
  begin,
  followHome,
  identifyIn,
  redeem,
  registerOidcParty,
  succeed,
} from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { removeParty } from '../actors/relying-parties.ts';
import { lockArtefact } from '../database/row-locks.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
});
afterAll(async () => {
  await gateway.stop();
  await stack.stop();
});

const payloadOf = (token: string | undefined) =>
  JSON.parse(Buffer.from((token ?? '').split('.')[1] ?? '', 'base64url').toString());

const requestRows = (partyId: string) =>
  queryAsOwner<Record<string, unknown>>(
    stack,
    `SELECT protocol, floor, outcome, level, means FROM "IdentificationRequest" WHERE "relyingPartyId" = $1`,
    [partyId],
  );

describe('a relying party identifies a citizen', () => {
  test('and gets what it may have from userinfo, while the ID token has no name and no NIF', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
    const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen, { withSms: true });
    expect(flow.back.searchParams.get('iss')).toBe(`${gateway.url}/oidc`);
    const tokens = await redeem(flow, flow.back);
    const { sub, ...claims } = payloadOf(tokens.id_token);
    expect(claims).toEqual({
      ...{ acr: 'http://eidas.europa.eu/LoA/substantial', amr: ['pwd', 'otp', 'sms', 'mfa'] },
      ...{ iss: `${gateway.url}/oidc`, aud: party.id, nonce: flow.nonce },
      ...{ auth_time: expect.any(Number), iat: expect.any(Number), exp: expect.any(Number) },
    });
    expect(tokens.expires_in).toBeLessThanOrEqual(600);
    expect(tokens.refresh_token).toBeUndefined();
    const { data } = citizen;
    const surnames = [data.firstSurname, data.secondSurname].filter(Boolean).join(' ');
    expect(await oidc.fetchUserInfo(party.config, tokens.access_token, sub)).toEqual({
      sub,
      ...{ given_name: data.givenName, family_name: surnames, name: `${data.givenName} ${surnames}` },
      first_surname: data.firstSurname,
      ...(data.secondSurname ? { second_surname: data.secondSurname } : {}),
      ...{ email: data.email, phone_number: data.phone, phone_number_verified: true },
      ...{ national_id: data.nationalId, registration_level: 'advanced', means: 'password-sms' },
    });
    expect(await requestRows(party.id)).toEqual([
      { protocol: 'oidc', floor: 'low', outcome: 'succeeded', level: 'substantial', means: 'password-sms' },
    ]);
    const canary = JSON.stringify(
      await queryAsOwner(stack, 'SELECT * FROM "OidcArtefact", "IdentificationRequest", "LogoutSubject"'),
    );
    const secrets = [data.nationalId, data.givenName, data.email, data.phone, tokens.access_token];
    for (const secret of secrets) expect(`${canary} ${gateway.log.join()}`).not.toContain(secret);
  });

  test('and gets no attribute that its row does not permit, whatever it asks for', async () => {
    const citizen = await activeCitizen(stack);
    const party = await registerOidcParty(stack, gateway, { attributes: ['nif'] });
    const wanted = { national_id: { essential: true }, email: null, given_name: null };
    const claims = JSON.stringify({ userinfo: wanted, id_token: wanted });
    const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen, { claims });
    const tokens = await redeem(flow, flow.back);
    const idToken = payloadOf(tokens.id_token);
    expect(Object.keys(idToken).sort()).toEqual([
      'acr',
      'amr',
      'aud',
      'auth_time',
      'exp',
      'iat',
      'iss',
      'nonce',
      'sub',
    ]);
    expect(await oidc.fetchUserInfo(party.config, tokens.access_token, idToken.sub)).toEqual({
      ...{ sub: idToken.sub, national_id: citizen.data.nationalId, means: 'password' },
    });
  });

  test('under a subject of its own, which another party of its sector shares', async () => {
    const citizen = await activeCitizen(stack);
    const first = await registerOidcParty(stack, gateway);
    const same = await registerOidcParty(stack, gateway, { sector: first.sector });
    const other = await registerOidcParty(stack, gateway);
    const subjects: string[] = [];
    for (const party of [first, same, other]) {
      const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
      subjects.push(payloadOf((await redeem(flow, flow.back)).id_token).sub);
    }
    expect(subjects[0]).toBe(subjects[1]);
    expect(subjects[0]).not.toBe(subjects[2]);
  });

  test('and a second one in the same browser logs it out of nothing, and finds nobody identified', async () => {
    const [citizen, browser] = [await activeCitizen(stack), new PlainBrowser()];
    const [first, second] = [
      await registerOidcParty(stack, gateway),
      await registerOidcParty(stack, gateway),
    ];
    const one = await identifyIn(stack, gateway, browser, first, citizen);
    const tokens = await redeem(one, one.back);
    expect(browser.cookies.filter(({ name }) => name.startsWith('clave-gateway-none'))).toEqual([]);
    const silent = await authorizationRequest(second, { prompt: 'none' });
    const answer = await browser.get(silent.address);
    expect(new URL(answer.location ?? '').searchParams.get('error')).toBe('login_required');
    const two = await identifyIn(stack, gateway, browser, second, await activeCitizen(stack));
    await redeem(two, two.back);
    const { sub } = payloadOf(tokens.id_token);
    expect(await oidc.fetchUserInfo(first.config, tokens.access_token, sub)).toMatchObject({ sub });
  });

  test('and cancels: the party is told, and the row says so', async () => {
    const [party, browser] = [await registerOidcParty(stack, gateway), new PlainBrowser()];
    const { id, state } = await begin(browser, party);
    const page = await browser.get(`${gateway.url}/identify/${id}`);
    expect(page.json).toMatchObject({
      ...{ id, protocol: 'oidc', floor: 'low' },
      relyingParty: {
        id: party.id,
        host: new URL(party.redirectUri).host,
        organisation: 'Ministerio de pruebas',
      },
    });
    const done = await browser.post(`${gateway.url}/identify/${id}/fail`, { failure: 'cancelled' });
    const { searchParams } = new URL((await followHome(gateway, browser, done)).location ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({ error: 'access_denied', state });
    expect((await browser.get(`${gateway.url}/identify/${id}`)).status).toBe(410);
    expect(await requestRows(party.id)).toMatchObject([{ outcome: 'cancelled', level: null }]);
  });
});

/** Sixteen at once, of which several have read a row before the first can use it up: it is locked until they wait for it. */
async function sixteenAtOnce<Answer>(
  kind: string,
  id: string,
  send: () => Promise<Answer>,
): Promise<PromiseSettledResult<Answer>[]> {
  const held = await lockArtefact(stack, kind, id);
  const answers = Promise.allSettled(Array.from({ length: 16 }, send));
  await held.untilWaitedFor(4).finally(() => held.release());
  return answers;
}

test('of sixteen redemptions of one code at once one succeeds', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  const code = flow.back.searchParams.get('code') ?? '';
  const redemptions = await sixteenAtOnce('AuthorizationCode', code, () => redeem(flow, flow.back));
  expect(redemptions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const each of redemptions)
    if (each.status === 'rejected') expect(each.reason).toMatchObject({ error: 'invalid_grant' });
});

test('a request that is ended sixteen times at once, and followed sixteen times, gives one code', async () => {
  const [citizen, party, browser] = [
    ...[await activeCitizen(stack), await registerOidcParty(stack, gateway), new PlainBrowser()],
  ] as const;
  const request = await begin(browser, party);
  const ended = await Promise.all(
    Array.from({ length: 4 }, () => succeed(stack, gateway, browser, request, citizen)),
  );
  const [address, ...others] = new Set(ended.map(({ location }) => location));
  expect(others).toEqual([]);
  const resume = browser.cookies;
  const answers = await sixteenAtOnce('Interaction', request.id, () => {
    const twin = new PlainBrowser();
    twin.cookies = resume;
    return twin.get(address ?? '');
  });
  const locations = answers.map((answer) =>
    answer.status === 'fulfilled' ? answer.value.location : undefined,
  );
  expect(locations.filter((location) => location?.includes('code='))).toHaveLength(1);
  expect(await requestRows(party.id)).toMatchObject([{ outcome: 'succeeded' }]);
});

test('a request belongs to the browser that began it', async () => {
  const [party, browser] = [await registerOidcParty(stack, gateway), new PlainBrowser()];
  const { id } = await begin(browser, party);
  expect((await new PlainBrowser().get(`${gateway.url}/identify/${id}`)).status).toBe(410);
  expect((await browser.get(`${gateway.url}/identify/${id}`)).status).toBe(200);
});

/** Puts the cookies that another site of the domain can put into a browser: those without `__Host-`. */
const plant = (from: PlainBrowser, to: PlainBrowser): void => {
  to.cookies.push(...from.cookies.filter(({ name }) => !name.startsWith('__Host-')));
};

test('a request that another site put into a browser has no page there, and gives that browser no code', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const [attacker, victim] = [new PlainBrowser(), new PlainBrowser()];
  const request = await begin(attacker, party);
  plant(attacker, victim);
  expect(await victim.get(`${gateway.url}/identify/${request.id}`)).toMatchObject({ status: 410 });
  const done = await succeed(stack, gateway, attacker, request, citizen);
  expect(done.location).toBe(`${gateway.url}/oidc/auth/${request.id}`);
  plant(attacker, victim);
  expect(await victim.get(done.location ?? '')).toMatchObject({
    ...{ status: 400, location: undefined, json: { page: 'error', code: 'invalid_request' } },
  });
  expect((await attacker.get(done.location ?? '')).location).toContain('code=');
});

test('several requests of one browser go on beside each other', async () => {
  const [citizen, party, browser] = [
    ...[await activeCitizen(stack), await registerOidcParty(stack, gateway), new PlainBrowser()],
  ] as const;
  const [first, second] = [await begin(browser, party), await begin(browser, party)];
  for (const request of [second, first]) {
    const done = await succeed(stack, gateway, browser, request, citizen);
    expect((await followHome(gateway, browser, done)).location).toContain('code=');
  }
});

test('an address that leaves the registry is led back to by no running request', async () => {
  const [citizen, party, browser] = [
    ...[await activeCitizen(stack), await registerOidcParty(stack, gateway), new PlainBrowser()],
  ] as const;
  const [open, ended] = [await begin(browser, party), await begin(browser, party)];
  const done = await succeed(stack, gateway, browser, ended, citizen);
  await queryAsOwner(
    stack,
    `UPDATE "RelyingParty" SET oidc = jsonb_set(oidc, '{redirectUris}', '["https://other.example/back"]')
     WHERE id = $1`,
    [party.id],
  );
  expect((await browser.get(`${gateway.url}/identify/${open.id}`)).status).toBe(410);
  expect(await browser.get(done.location ?? '')).toMatchObject({
    ...{ status: 400, location: undefined, json: { page: 'error', code: 'invalid_request' } },
  });
});

test('a party that is removed is unknown at once, with what it was issued', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  const tokens = await redeem(flow, flow.back);
  await removeParty(stack, party);
  const { address } = await authorizationRequest(party);
  expect(await new PlainBrowser().get(address)).toMatchObject({
    status: 400,
    json: { code: 'invalid_client' },
  });
  const userinfo = await fetch(`${gateway.url}/oidc/me`, {
    headers: { Authorization: `Bearer ${tokens.access_token}` },
  });
  expect(userinfo.status).toBe(401);
});

test('a voided identification gives nothing any more', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  const tokens = await redeem(flow, flow.back);
  await queryAsOwner(stack, 'UPDATE "Identification" SET "voidedAt" = now() WHERE "relyingPartyId" = $1', [
    party.id,
  ]);
  const { sub } = payloadOf(tokens.id_token);
  await expect(oidc.fetchUserInfo(party.config, tokens.access_token, sub)).rejects.toMatchObject({
    status: 401,
  });
});

test('another secret, and no verifier, redeem nothing', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  const wrong = await fetch(`${gateway.url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${party.id}:${'x'.repeat(43)}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: flow.back.searchParams.get('code') ?? '',
    }),
  });
  expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  await expect(redeem({ ...flow, verifier: oidc.randomPKCECodeVerifier() }, flow.back)).rejects.toMatchObject(
    {
      error: 'invalid_grant',
    },
  );
});
