import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import { persons } from '../../gateway/simulator/persons.ts';
import {
  authorizationRequest,
  followHome,
  type OidcParty,
  redeem,
  registerOidcParty,
  type StartedRequest,
} from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const substantial = 'http://eidas.europa.eu/LoA/substantial';
const high = 'http://eidas.europa.eu/LoA/high';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
const simulator = () => ({ url: `${gateway.url}/simulator` });
beforeAll(async () => {
  stack = await startStack();
  // Without an API: whatever succeeds here has asked none.
  const env = { GATEWAY_SIMULATOR: 'on', API_URL: 'http://127.0.0.1:1' };
  gateway = await startGatewayInProcess(stack, { env });
  const registration = { postLogoutRedirectUris: ['https://party.example/bye'] };
  party = await registerOidcParty(stack, simulator(), { registration });
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

async function choose(answer: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${simulator().url}/next`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ relyingParty: party.id, ...answer }),
  });
  return { status: response.status, body: await response.json() };
}

/** Sends a browser, which comes back at once. */
async function send(params: Record<string, string> = {}): Promise<StartedRequest & { back: URL }> {
  const request = await authorizationRequest(party, params);
  const browser = new PlainBrowser();
  const answer = await followHome(gateway, browser, await browser.get(request.address));
  return { ...request, back: new URL(answer.location ?? '') };
}
const errorOf = ({ back }: { back: URL }) => back.searchParams.get('error');

async function identified(params: Record<string, string> = {}) {
  const flow = await send(params);
  const tokens = await redeem(flow, flow.back);
  const claims = tokens.claims();
  const userinfo = () => oidc.fetchUserInfo(party.config, tokens.access_token, claims?.sub ?? '');
  return { flow, tokens, claims, userinfo };
}

describe('the next request of a party gets', () => {
  test('the person who was chosen, with what the party may have and has asked for', async () => {
    expect(await choose({ person: 'nuria' })).toMatchObject({ status: 200, body: { person: 'nuria' } });
    const { claims, userinfo } = await identified({ acr_values: substantial, scope: 'openid profile nif' });
    expect(claims).toMatchObject({
      iss: `${gateway.url}/simulator/oidc`,
      acr: substantial,
      amr: ['pwd', 'otp', 'sms', 'mfa'],
    });
    expect(await userinfo()).toEqual({
      ...{ sub: claims?.sub, given_name: 'Núria', first_surname: 'Sant Cel·loni', second_surname: 'i Güell' },
      ...{ family_name: 'Sant Cel·loni i Güell', name: 'Núria Sant Cel·loni i Güell' },
      ...{ national_id: '99999990S', registration_level: 'advanced', means: 'password-sms' },
    });
  });

  test('that person once; the next one is the first of the list, under a subject that stays', async () => {
    await choose({ person: 'john' });
    const [john, ana, again] = [await identified(), await identified(), await identified()];
    expect(await john.userinfo()).toMatchObject({ family_name: 'Example', means: 'password' });
    expect(await ana.userinfo()).toMatchObject({ given_name: 'Ana' });
    expect(again.claims?.sub).toBe(ana.claims?.sub);
    expect(ana.claims?.sub).toMatch(/^simulated-/);
    expect(ana.claims?.sub).not.toBe(john.claims?.sub);
  });

  test('who is not registered: by a certificate, without registration, email and phone', async () => {
    await choose({ person: 'unregistered' });
    const { claims, userinfo } = await identified({ acr_values: high });
    expect(claims).toMatchObject({ acr: high, amr: ['sc', 'hwk', 'pin', 'mfa'] });
    expect(Object.keys(await userinfo()).sort()).toEqual([
      ...[
        'family_name',
        'first_surname',
        'given_name',
        'means',
        'name',
        'national_id',
        'second_surname',
        'sub',
      ],
    ]);
    await choose({ person: 'unregistered', means: 'password' });
    expect(errorOf(await send())).toBe('unmet_authentication_requirements');
  });

  test('no more than the person reaches', async () => {
    await choose({ person: 'ana', means: 'certificate' });
    expect(errorOf(await send({ acr_values: high }))).toBe('unmet_authentication_requirements');
    await choose({ person: 'basic', means: 'password-sms' });
    expect(errorOf(await send({ acr_values: substantial }))).toBe('unmet_authentication_requirements');
    await choose({ person: 'ana', means: 'password' });
    expect(errorOf(await send({ acr_values: substantial }))).toBe('unmet_authentication_requirements');
    await choose({ person: 'ana', means: 'password-sms' });
    expect((await identified()).claims?.['acr']).toBe(substantial);
  });

  test.each([
    ['cancelled', 'access_denied'],
    ['level-not-available', 'unmet_authentication_requirements'],
    ['timed-out', 'temporarily_unavailable'],
    ['unavailable', 'temporarily_unavailable'],
    ['server_error', 'server_error'],
  ])('the failure %s as %s, once', async (failure, code) => {
    await choose({ failure });
    const flow = await send();
    expect([errorOf(flow), flow.back.searchParams.get('state')]).toEqual([code, flow.state]);
    expect(errorOf(await send())).toBeNull();
  });

  test('an identification that is over before userinfo is read', async () => {
    await choose({ failure: 'identification-over' });
    const { claims, userinfo } = await identified();
    expect(claims?.sub).toMatch(/^simulated-/);
    await expect(userinfo()).rejects.toMatchObject({ status: 401 });
  });
});

test.each([
  [{}, 'must have either person or failure'],
  [{ person: 'ana', failure: 'cancelled' }, 'must have either person or failure'],
  [{ person: 'nobody' }, expect.stringMatching(/^person: must be one of ana, /)],
  [{ failure: 'cancelled', means: 'password' }, 'means: goes with person only'],
  [{ person: 'ana', relyingParty: 'rp_nobody' }, 'relyingParty: is not registered'],
])('a choice %j is refused', async (answer, problem) => {
  expect(await choose(answer)).toEqual({ status: 400, body: { problems: [problem] } });
});

test('the persons have valid national ids, each another', () => {
  const ids = Object.values(persons).map(({ nationalId }) => nationalId);
  for (const id of ids) expect(parseNationalId(id)).toEqual({ ok: true, value: id });
  expect(new Set(ids).size).toBe(ids.length);
});

test('it lists its persons and failures', async () => {
  const listed = await (await fetch(`${simulator().url}/persons`)).json();
  expect(listed).toMatchObject({
    persons: { john: { nationalId: 'X0000000T' } },
    failures: expect.arrayContaining(['cancelled', 'server_error']),
  });
});

test('a logout ends what was issued, and leads back', async () => {
  const { tokens, userinfo } = await identified();
  const address = oidc.buildEndSessionUrl(party.config, {
    id_token_hint: tokens.id_token ?? '',
    post_logout_redirect_uri: 'https://party.example/bye',
  });
  expect((await new PlainBrowser().get(address)).location).toBe('https://party.example/bye');
  await expect(userinfo()).rejects.toMatchObject({ status: 401 });
});

test('nothing that it issues is taken by the gateway, or counted', async () => {
  const real = `${gateway.url}/oidc`;
  const { flow, tokens } = await identified();
  const jwks = (await (await fetch(`${real}/jwks`)).json()) as Parameters<typeof createLocalJWKSet>[0];
  await expect(jwtVerify(tokens.id_token ?? '', createLocalJWKSet(jwks))).rejects.toThrow();
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  expect((await fetch(`${real}/me`, { headers })).status).toBe(401);
  const hint = await fetch(`${real}/session/end?id_token_hint=${tokens.id_token}`);
  expect([hint.status, await hint.json()]).toMatchObject([
    400,
    { description: 'id_token_hint is none of ours' },
  ]);
  const unused = await send();
  const code = unused.back.searchParams.get('code') ?? '';
  // The second begins with the prefix of the simulator's realm.
  for (const written of [code, `simulator ${code}`]) {
    const redeemed = await fetch(`${real}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${party.id}:${party.secret}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: written,
        redirect_uri: party.redirectUri,
        code_verifier: unused.verifier,
      }),
    });
    expect([redeemed.status, await redeemed.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  }
  // It was good where it came from.
  expect((await redeem(unused, unused.back)).id_token).toBeDefined();
  const rows = await queryAsOwner(
    stack,
    'SELECT 1 FROM "IdentificationRequest" WHERE "relyingPartyId" = $1',
    [party.id],
  );
  expect(rows).toEqual([]);
  expect(flow.address.pathname).toBe('/simulator/oidc/auth');
});

test('a pushed request opens where it was pushed only', async () => {
  const { address } = await authorizationRequest(party);
  const pushed = await fetch(`${gateway.url}/oidc/request`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${party.id}:${party.secret}`).toString('base64')}` },
    body: address.searchParams,
  });
  const { request_uri = '' } = (await pushed.json()) as { request_uri?: string };
  const query = new URLSearchParams({ client_id: party.id, request_uri });
  const opened = await new PlainBrowser().get(`${simulator().url}/oidc/auth?${query}`);
  expect(opened.json).toMatchObject({ code: 'invalid_request_uri' });
});

test('another browser cannot answer a request', async () => {
  const { address } = await authorizationRequest(party);
  const { location = '' } = await new PlainBrowser().get(address);
  expect(location).toContain('/simulator/answer/');
  expect((await new PlainBrowser().get(location)).status).toBe(404);
});

test('without its setting there is none', async () => {
  const plain = await startGatewayInProcess(stack);
  try {
    for (const path of ['persons', 'oidc/.well-known/openid-configuration'])
      expect((await fetch(`${plain.url}/simulator/${path}`)).status).toBe(404);
  } finally {
    await plain.stop();
  }
});
