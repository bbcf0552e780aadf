import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  authorizationRequest,
  begin,
  keptArtefacts,
  type OidcParty,
  push,
  registerOidcParty,
  requestIdOf,
} from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  party = await registerOidcParty(stack, gateway);
});
afterAll(async () => {
  await gateway.stop();
  await stack.stop();
});

/** What the gateway has stored for its parties. */
const stored = async (): Promise<number> => {
  const [row] = await queryAsOwner<{ count: string }>(
    stack,
    `SELECT (SELECT count(*) FROM "OidcArtefact") + (SELECT count(*) FROM "IdentificationRequest") AS count`,
  );
  return Number(row?.count);
};
let before = 0;
beforeEach(async () => {
  before = await stored();
});

const deep = `{"id_token":{"acr":${'['.repeat(1_500)}${']'.repeat(1_500)}}}`;

describe('a request with', () => {
  /** Shown on a page of ours: no address is known that may be told. */
  test.each<[string, string, (address: URL) => void]>([
    ['no party', 'invalid_request', ({ searchParams }) => searchParams.delete('client_id')],
    [
      'an unknown party',
      'invalid_client',
      ({ searchParams }) => searchParams.set('client_id', 'party_nobody'),
    ],
    ['a party with a NUL', 'invalid_client', ({ searchParams }) => searchParams.set('client_id', 'a\0b')],
    ['two parties', 'invalid_request', ({ searchParams }) => searchParams.append('client_id', 'x')],
    [
      'another address',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', 'https://evil.example/'),
    ],
    [
      'a longer path',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', `${party.redirectUri}/x`),
    ],
    [
      'a query more',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', `${party.redirectUri}?a=1`),
    ],
    [
      'another case',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', party.redirectUri.toUpperCase()),
    ],
    [
      'javascript:',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', 'javascript:alert(1)'),
    ],
    [
      'data:',
      'invalid_redirect_uri',
      ({ searchParams }) => searchParams.set('redirect_uri', 'data:text/html,x'),
    ],
    [
      'two addresses',
      'invalid_request',
      ({ searchParams }) => searchParams.append('redirect_uri', 'https://evil.example/'),
    ],
    ['no address', 'invalid_request', ({ searchParams }) => searchParams.delete('redirect_uri')],
    [
      'both wrong',
      'invalid_redirect_uri',
      ({ searchParams }) => {
        searchParams.set('redirect_uri', 'https://evil.example/');
        searchParams.set('scope', 'nothing');
      },
    ],
  ])('%s gets a page that says %s', async (_what, code, spoil) => {
    const { address } = await authorizationRequest(party);
    spoil(address);
    const answer = await new PlainBrowser().get(address);
    expect(answer).toMatchObject({ status: 400, location: undefined, json: { page: 'error', code } });
    expect(await stored()).toBe(before);
  });

  /** Told to the party, at its registered address, with its state. */
  test.each<[string, string, Record<string, string | undefined>]>([
    ['no response type', 'invalid_request', { response_type: '' }],
    ['a token as response', 'unsupported_response_type', { response_type: 'token' }],
    ['an implicit ID token', 'unsupported_response_type', { response_type: 'id_token' }],
    ['an unknown scope', 'invalid_scope', { scope: 'openid nfi' }],
    ['no openid', 'invalid_scope', { scope: 'profile', nonce: undefined }],
    ['a scope of other characters', 'invalid_scope', { scope: 'openid "x"' }],
    ['no challenge', 'invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
    ['a plain challenge', 'invalid_request', { code_challenge_method: 'plain' }],
    ['a challenge that is none', 'invalid_request', { code_challenge: 'short' }],
    ['an unknown level', 'invalid_request', { acr_values: 'loa3' }],
    ['an unknown prompt', 'invalid_request', { prompt: 'create' }],
    ['an age that is none', 'invalid_request', { max_age: '-1' }],
    ['claims that are no JSON', 'invalid_request', { claims: '{' }],
    ['claims without a part', 'invalid_request', { claims: '{}' }],
    ['claims that are a list', 'invalid_request', { claims: '[]' }],
    ['claims that nest', 'invalid_request', { claims: deep }],
    [
      'too many claims',
      'invalid_request',
      {
        claims: JSON.stringify({
          userinfo: Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`c${n}`, null])),
        }),
      },
    ],
    [
      'too long claims',
      'invalid_request',
      { claims: JSON.stringify({ userinfo: { a: { value: 'x'.repeat(5_000) } } }) },
    ],
    [
      'a subject that is no text',
      'invalid_request',
      { claims: '{"id_token":{"sub":{"value":{"toString":1}}}}' },
    ],
    ['subjects', 'invalid_request', { claims: '{"id_token":{"sub":{"values":["a"]}}}' }],
    [
      'a national id in claims',
      'invalid_request',
      { claims: '{"userinfo":{"national_id":{"value":"99999018D"}}}' },
    ],
    ['national ids in claims', 'invalid_request', { claims: '{"id_token":{"x":{"values":["99999018D"]}}}' }],
    ['a NUL in claims', 'invalid_request', { claims: '{"id_token":{"a\\u0000":null}}' }],
    ['half a character in claims', 'invalid_request', { claims: '{"id_token":{"a":{"value":"\\ud800"}}}' }],
    ['a NUL in the nonce', 'invalid_request', { nonce: 'a\0b' }],
    ['too long a nonce', 'invalid_request', { nonce: 'x'.repeat(2_001) }],
    ['a foreign token as hint', 'invalid_request', { id_token_hint: 'e30.e30.e30' }],
    ['a request object', 'request_not_supported', { request: 'e30.e30.' }],
    ['an address of a request', 'request_uri_not_supported', { request_uri: 'https://evil.example/request' }],
    [
      'a pushed request that is none',
      'invalid_request_uri',
      { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
    ],
    ['a registration', 'registration_not_supported', { registration: '{}' }],
  ])('%s leads back with %s', async (_what, error, params) => {
    const { address, state } = await authorizationRequest(party, params);
    const { status, location } = await new PlainBrowser().get(address);
    expect([status, location]).toEqual([303, expect.stringMatching(/^[^?#]+[?#]error=/)]);
    expect(location?.split(/[?#]/)[0]).toBe(party.redirectUri);
    const answer = new URLSearchParams(location?.slice(party.redirectUri.length + 1));
    expect([answer.get('error'), answer.get('state'), answer.get('code')]).toEqual([error, state, null]);
    expect(await stored()).toBe(before);
  });

  test.each(['state', 'scope', 'acr_values', 'nonce', 'claims', 'code_challenge'])(
    '%s twice leads back',
    async (name) => {
      const { address } = await authorizationRequest(party, { acr_values: 'http://eidas.europa.eu/LoA/low' });
      address.searchParams.append(name, 'again');
      address.searchParams.append(name, 'again');
      const { location } = await new PlainBrowser().get(address);
      expect(location?.startsWith(`${party.redirectUri}?error=invalid_request`)).toBe(true);
      expect(await stored()).toBe(before);
    },
  );
});

test('what is ignored is not stored and not logged', async () => {
  const browser = new PlainBrowser();
  const hint = '99999018D';
  const claims = JSON.stringify({
    ...{ id_token: { [hint]: null }, other: hint },
    userinfo: { national_id: { essential: true, purpose: hint } },
  });
  const params = { login_hint: hint, scope: 'openid offline_access address', claims };
  const namesIn = (kept: string) => kept.match(/national_id/g)?.length ?? 0;
  // Requests of other files, on the same service, name it too.
  const namedBefore = namesIn(await keptArtefacts(stack));
  const { id } = await begin(browser, party, params);
  const { request_uri } = await push(gateway, await authorizationRequest(party, params));
  expect(request_uri).toBeTruthy();
  const kept = await keptArtefacts(stack);
  expect(namesIn(kept) - namedBefore).toBe(2);
  expect(kept + gateway.log.join()).not.toContain(hint);
  expect((await browser.get(`${gateway.url}/identify/${id}`)).status).toBe(200);
});

test('the addresses of a request are those of the issuer, whatever Host a client sends', async () => {
  const browser = new PlainBrowser();
  const { address } = await authorizationRequest(party);
  const forged = {
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'https',
    Forwarded: 'host=evil.example',
  };
  const id = requestIdOf(await browser.get(address, forged));
  const done = await browser.post(`${gateway.url}/identify/${id}/fail`, { failure: 'cancelled' });
  expect(done.location).toBe(`${gateway.url}/identify/${id}`);
  expect((await browser.get(`${gateway.url}/identify/${id}`)).location).toBe(
    `${gateway.url}/oidc/auth/${id}`,
  );
  const discovered = await fetch(`${gateway.url}/oidc/.well-known/openid-configuration`, { headers: forged });
  expect(JSON.stringify(await discovered.json())).not.toContain('evil');
});

describe('the endpoints of servers refuse', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/oidc/${path}`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    });
  const basic = () => ({
    Authorization: `Basic ${Buffer.from(`${party.id}:${party.secret}`).toString('base64')}`,
  });
  const assertion = (payload: object) =>
    `client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion=e30.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.x`;

  test.each<[string, () => Promise<Response>, number[]]>([
    ['no client', () => post('token', 'grant_type=authorization_code'), [400, 401]],
    ['a client with a NUL', () => post('token', 'client_id=a%00b'), [400, 401]],
    [
      'a code that is none',
      () => post('token', 'grant_type=authorization_code&code=a%00&redirect_uri=x&code_verifier=y', basic()),
      [400],
    ],
    ['a code twice', () => post('token', 'grant_type=authorization_code&code=a&code=b', basic()), [400]],
    ['another grant', () => post('token', 'grant_type=password&username=x&password=y', basic()), [400]],
    ['JSON', () => post('token', '{}', { ...basic(), 'Content-Type': 'application/json' }), [400]],
    ['too long a body', () => post('token', `a=${'x'.repeat(70_000)}`, basic()), [400, 413]],
    [
      'an assertion that is none',
      () => post('token', `grant_type=authorization_code&${assertion({ sub: party.id })}`),
      [400, 401],
    ],
    [
      'an assertion of nobody',
      () => post('token', `grant_type=authorization_code&${assertion({ sub: { a: 1 } })}`),
      [400, 401],
    ],
    [
      'basic that is none',
      () => post('token', 'grant_type=authorization_code', { Authorization: 'Basic !' }),
      [400, 401],
    ],
    [
      'a pushed address that is not registered',
      () => post('request', 'response_type=code&scope=openid&redirect_uri=https://evil.example', basic()),
      [400],
    ],
    [
      'a pushed NUL',
      () =>
        post(
          'request',
          `response_type=code&scope=openid&state=a%00b&redirect_uri=${encodeURIComponent(party.redirectUri)}&code_challenge=${'a'.repeat(43)}&code_challenge_method=S256`,
          basic(),
        ),
      [400],
    ],
    ['userinfo without a token', () => fetch(`${gateway.url}/oidc/me`), [400, 401]],
    [
      'userinfo with another',
      () => fetch(`${gateway.url}/oidc/me`, { headers: { Authorization: 'Bearer x' } }),
      [401],
    ],
    ['a path of its own', () => fetch(`${gateway.url}/oidc/token/introspection`), [404]],
    ['another method', () => fetch(`${gateway.url}/oidc/token`), [404]],
    ['a form for the authorization', () => post('auth', 'client_id=x'), [404]],
  ])('%s', async (_what, send, statuses) => {
    const response = await send();
    expect(statuses).toContain(response.status);
    expect(await stored()).toBe(before);
  });
});

test('no answer of all these is one of a server that failed', () => {
  expect(gateway.log.filter((line) => /"level":(?:50|60)/.test(line))).toEqual([]);
  expect(gateway.log.filter((line) => /"status":5\d\d/.test(line))).toEqual([]);
});
