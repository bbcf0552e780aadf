import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { activeCitizen } from '../actors/citizen.ts';
import {
  allScopes,
  authorizationRequest,
  begin,
  followHome,
  identifyIn,
  keptArtefacts,
  type OidcParty,
  push,
  redeem,
  registerOidcParty,
  requestIdOf,
  succeed,
} from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
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

async function withKey(fapi: boolean): Promise<OidcParty> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  const jwk = { kty: 'EC', crv: 'P-256', x, y, kid: 'k', alg: 'ES256', use: 'sig' } as const;
  const key = await crypto.subtle.importKey(
    'pkcs8',
    privateKey.export({ format: 'der', type: 'pkcs8' }),
    { name: 'ECDSA', namedCurve: 'P-256' },
    false,
    ['sign'],
  );
  return registerOidcParty(stack, gateway, {
    registration: {
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [jwk] },
      idTokenSignedResponseAlg: 'ES256',
      ...(fapi && { fapi }),
    },
    authentication: oidc.PrivateKeyJwt({ key, kid: 'k' }),
  });
}

test.each(['RS256', 'PS256', 'ES256'] as const)(
  'ID token and userinfo are signed with %s',
  async (algorithm) => {
    const party = await registerOidcParty(stack, gateway, {
      registration: { idTokenSignedResponseAlg: algorithm, userinfoSignedResponseAlg: algorithm },
    });
    const citizen = await activeCitizen(stack);
    const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
    const tokens = await redeem(flow, flow.back);
    const sub = tokens.claims()?.sub ?? '';
    oidc.enableNonRepudiationChecks(party.config);
    expect(await oidc.fetchUserInfo(party.config, tokens.access_token, sub)).toMatchObject({
      ...{ sub, national_id: citizen.data.nationalId, iss: `${gateway.url}/oidc`, aud: party.id },
    });
  },
);

test('a hint is an ID token, never the signed answer of userinfo, and neither is stored', async () => {
  const party = await registerOidcParty(stack, gateway, {
    registration: { userinfoSignedResponseAlg: 'RS256' },
  });
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, await activeCitizen(stack));
  const { access_token, id_token = '' } = await redeem(flow, flow.back);
  const userinfo = await fetch(`${gateway.url}/oidc/me`, {
    headers: { Authorization: `Bearer ${access_token}` },
  });
  const hint = await userinfo.text();
  expect(hint.split('.')).toHaveLength(3);
  const asked = await authorizationRequest(party, { id_token_hint: hint });
  const refused = new URL((await new PlainBrowser().get(asked.address)).location ?? '');
  expect(refused.searchParams.get('error')).toBe('invalid_request');
  expect(await push(gateway, asked)).toMatchObject({ error: 'invalid_request' });
  const withIdToken = await authorizationRequest(party, { id_token_hint: id_token });
  const browser = new PlainBrowser();
  requestIdOf(await browser.get(withIdToken.address));
  const { request_uri = '' } = await push(gateway, withIdToken);
  const kept = await keptArtefacts(stack);
  for (const token of [hint, id_token]) expect(kept).not.toContain(token);
  const query = new URLSearchParams({ client_id: party.id, request_uri });
  const id = requestIdOf(await browser.get(`${gateway.url}/oidc/auth?${query}`));
  const other = await succeed(stack, gateway, browser, { id, party }, await activeCitizen(stack));
  expect((await followHome(gateway, browser, other)).location).toContain('error=login_required');
});

test('a client authenticates with its key, and with one assertion once', async () => {
  const party = await withKey(false);
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, await activeCitizen(stack));
  let sent = '';
  party.config[oidc.customFetch] = (url, options) => {
    if (String(url).endsWith('/token')) sent = String(options.body);
    return fetch(url, options as RequestInit);
  };
  await redeem(flow, flow.back);
  const again = await fetch(`${gateway.url}/oidc/token`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: sent,
  });
  expect([again.status, await again.json()]).toMatchObject([401, { error: 'invalid_client' }]);
});

test('a pushed request leads to one identification, and to none after its minute', async () => {
  const party = await registerOidcParty(stack, gateway);
  const { request_uri = '' } = await push(gateway, await authorizationRequest(party));
  const open = () =>
    new PlainBrowser().get(
      `${gateway.url}/oidc/auth?${new URLSearchParams({ client_id: party.id, request_uri })}`,
    );
  requestIdOf(await open());
  await queryAsOwner(
    stack,
    `UPDATE "OidcArtefact" SET payload = payload || jsonb_build_object('exp', extract(epoch FROM now())::int - 60)
     WHERE kind = 'PushedAuthorizationRequest'`,
  );
  expect(await open()).toMatchObject({ status: 400, json: { code: 'invalid_request_uri' } });
});

test('FAPI 2.0: the request is pushed, and the token is bound to a key', async () => {
  const party = await withKey(true);
  const citizen = await activeCitizen(stack);
  const browser = new PlainBrowser();
  const plain = await authorizationRequest(party);
  const refused = await browser.get(plain.address);
  expect(new URL(refused.location ?? '').searchParams.get('error')).toBe('invalid_request');
  const DPoP = oidc.getDPoPHandle(party.config, await oidc.randomDPoPKeyPair('ES256'));
  const address = await oidc.buildAuthorizationUrlWithPAR(
    party.config,
    {
      ...{ redirect_uri: party.redirectUri, scope: allScopes, state: plain.state, nonce: plain.nonce },
      code_challenge: await oidc.calculatePKCECodeChallenge(plain.verifier),
      code_challenge_method: 'S256',
    },
    { DPoP },
  );
  expect([...address.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
  const id = requestIdOf(await browser.get(address));
  const done = await succeed(stack, gateway, browser, { id, party }, citizen);
  const back = new URL((await followHome(gateway, browser, done)).location ?? '');
  await expect(redeem(plain, back)).rejects.toMatchObject({ error: 'invalid_grant' });
  const tokens = await redeem(plain, back, { DPoP });
  expect(tokens.token_type).toBe('dpop');
  const sub = tokens.claims()?.sub ?? '';
  expect(await oidc.fetchUserInfo(party.config, tokens.access_token, sub, { DPoP })).toMatchObject({ sub });
  const stolen = await fetch(`${gateway.url}/oidc/me`, {
    headers: { Authorization: `Bearer ${tokens.access_token}` },
  });
  expect(stolen.status).toBe(401);
});

test('FAPI 2.0: a client assertion is signed with PS256, never with RS256', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n, e } = publicKey.export({ format: 'jwk' });
  const pushWith = async (name: 'RSA-PSS' | 'RSASSA-PKCS1-v1_5') => {
    const key = await crypto.subtle.importKey(
      'pkcs8',
      privateKey.export({ format: 'der', type: 'pkcs8' }),
      { name, hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const party = await registerOidcParty(stack, gateway, {
      registration: {
        tokenEndpointAuthMethod: 'private_key_jwt',
        jwks: { keys: [{ kty: 'RSA', n, e, kid: 'k', use: 'sig' } as never] },
        idTokenSignedResponseAlg: 'PS256',
        fapi: true,
      },
      authentication: oidc.PrivateKeyJwt({ key, kid: 'k' }),
    });
    const { searchParams } = (await authorizationRequest(party)).address;
    return oidc.buildAuthorizationUrlWithPAR(party.config, searchParams);
  };
  await expect(pushWith('RSASSA-PKCS1-v1_5')).rejects.toMatchObject({ error: 'invalid_client' });
  expect((await pushWith('RSA-PSS')).searchParams.get('request_uri')).toBeTruthy();
});

test('an answer by form_post is a page whose form leads to the party, wherever that redirects', async () => {
  const party = await registerOidcParty(stack, gateway);
  const browser = new PlainBrowser();
  const request = await begin(browser, party, { response_mode: 'form_post' });
  const done = await succeed(stack, gateway, browser, request, await activeCitizen(stack));
  const page = await followHome(gateway, browser, done);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining(`action="${party.redirectUri}"`)]);
  expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none';(?!.*form-action)/);
  const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(page.text)?.[1] ?? '';
  const back = new URL(party.redirectUri);
  for (const name of ['code', 'state', 'iss']) back.searchParams.set(name, field(name));
  expect((await redeem(request, back)).claims()?.sub).toBeTruthy();
});

test('discovery says what there is', async () => {
  const document = await (await fetch(`${gateway.url}/oidc/.well-known/openid-configuration`)).json();
  expect(document).toMatchObject({
    issuer: `${gateway.url}/oidc`,
    authorization_endpoint: `${gateway.url}/oidc/auth`,
    end_session_endpoint: `${gateway.url}/oidc/session/end`,
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'nif'],
    acr_values_supported: ['low', 'substantial', 'high'].map(
      (level) => `http://eidas.europa.eu/LoA/${level}`,
    ),
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['pairwise'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
    code_challenge_methods_supported: ['S256'],
    backchannel_logout_supported: true,
    authorization_response_iss_parameter_supported: true,
  });
  expect(
    (
      document as { id_token_signing_alg_values_supported: string[] }
    ).id_token_signing_alg_values_supported.sort(),
  ).toEqual(['ES256', 'PS256', 'RS256']);
});

test('the metrics count by party, outcome and level', async () => {
  const party = await registerOidcParty(stack, gateway);
  const browser = new PlainBrowser();
  await identifyIn(stack, gateway, browser, party, await activeCitizen(stack));
  const { id } = await begin(browser, party);
  await browser.post(`${gateway.url}/identify/${id}/fail`, { failure: 'cancelled' });
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  const line = (rest: string) =>
    `clave_gateway_identifications_total{relying_party="${party.id}",protocol="oidc",${rest}} 1`;
  expect(metrics).toContain(line('outcome="succeeded",level="low",means="password"'));
  expect(metrics).toContain(line('outcome="cancelled",level="",means=""'));
});
