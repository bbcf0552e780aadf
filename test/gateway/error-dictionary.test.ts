import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { clientAssertion } from '../actors/client-assertion.ts';
import { answered, basic, entriesBelow, pageAt, told } from '../actors/error-dictionary.ts';
import { FlowOnPages } from '../actors/flow-on-pages.ts';
import { authorizationRequest, type OidcParty, redeem, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const bye = 'https://party.example/bye';
const low = 'http://eidas.europa.eu/LoA/low';
const high = 'http://eidas.europa.eu/LoA/high';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
let fapi: OidcParty;
let citizen: Citizen;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack, { createPages: createFlowPages });
  const registration = { postLogoutRedirectUris: [bye] };
  party = await registerOidcParty(stack, gateway, { registration });
  fapi = await registerOidcParty(stack, gateway, { registration: { fapi: true } });
  citizen = await activeCitizen(stack);
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

const onPage = (path: string | URL) => pageAt(new URL(path, gateway.url));
async function leadsBack(params: Record<string, string | undefined>, asking = party): Promise<string> {
  const { address } = await authorizationRequest(asking, params);
  return told((await new PlainBrowser().get(address)).location);
}
async function spoiled(spoil: (params: URLSearchParams) => void): Promise<URL> {
  const { address } = await authorizationRequest(party);
  spoil(address.searchParams);
  return address;
}

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = basic(party)) =>
  fetch(`${gateway.url}/oidc/${path}`, { method: 'POST', body: new URLSearchParams(fields), headers });

/** A code that was issued, and what redeems it. */
async function issued() {
  const flow = await FlowOnPages.start(gateway, party);
  const back = await flow.identify(citizen);
  const fields = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: party.redirectUri,
    code_verifier: flow.request.verifier,
  };
  return { flow, back, fields };
}
async function tokens() {
  const { flow, back } = await issued();
  return redeem(flow.request, back);
}
const userinfo = (token: string) =>
  answered(fetch(`${gateway.url}/oidc/me`, { headers: { Authorization: `Bearer ${token}` } }));
const end = (params: Record<string, string>) => onPage(`/oidc/session/end?${new URLSearchParams(params)}`);

const expire = (kind: string) =>
  queryAsOwner(
    stack,
    `UPDATE "OidcArtefact" SET payload = payload || jsonb_build_object('exp', extract(epoch FROM now())::int - 60) WHERE kind = $1`,
    [kind],
  );

const aCode = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://party.example/' };

const asserted = async (claims: Record<string, unknown>) => ({
  ...{ ...aCode, code_verifier: 'y'.repeat(43) },
  ...(await clientAssertion(stack, gateway, claims)),
});

/** Several causes of one entry. @throws if they are told differently */
async function theSame(...provoke: (() => Promise<string>)[]): Promise<string> {
  const all: string[] = [];
  for (const one of provoke) all.push(await one());
  expect(new Set(all).size).toBe(1);
  return all[0] ?? '';
}

/** While the gateway cannot read its registry. */
async function whileAway<Result>(work: () => Promise<Result>): Promise<Result> {
  const role = new URL(stack.database.gatewayUrl).username;
  await queryAsOwner(stack, `REVOKE SELECT ON "RelyingParty" FROM "${role}"`);
  try {
    return await work();
  } finally {
    await queryAsOwner(stack, `GRANT SELECT ON "RelyingParty" TO "${role}"`);
  }
}

type Provocations = Record<string, () => Promise<string>>;

const pages: Provocations = {
  "invalid_request: missing required parameter 'client_id'": async () =>
    onPage(await spoiled((params) => params.delete('client_id'))),
  'invalid_client: client is invalid': async () =>
    onPage(await spoiled((params) => params.set('client_id', 'rp_nobody'))),
  "invalid_request: 'client_id' parameter must not be provided twice": async () =>
    onPage(await spoiled((params) => params.append('client_id', 'x'))),
  "invalid_redirect_uri: redirect_uri did not match any of the client's registered redirect_uris": async () =>
    onPage(await spoiled((params) => params.set('redirect_uri', `${party.redirectUri}/`))),
  "invalid_request: missing required parameter 'redirect_uri'": async () =>
    onPage(await spoiled((params) => params.delete('redirect_uri'))),
  temporarily_unavailable: async () => whileAway(async () => onPage(await spoiled(() => undefined))),
  'invalid_request: authorization request has expired': () => onPage('/oidc/auth/gone'),
  'invalid_request_uri: request_uri is invalid, expired, or was already used': () =>
    onPage(`/oidc/auth?client_id=${party.id}&request_uri=urn:ietf:params:oauth:request_uri:x`),
  'invalid_request: post_logout_redirect_uri is not registered': async () =>
    end({ client_id: party.id, post_logout_redirect_uri: 'https://party.example/' }),
  'invalid_request: post_logout_redirect_uri needs id_token_hint or client_id': async () =>
    end({ post_logout_redirect_uri: bye }),
  'invalid_client: client_id is not registered': async () => end({ client_id: 'rp_nobody' }),
  'invalid_request: id_token_hint is none of ours': async () => end({ id_token_hint: 'e30.e30.e30' }),
  'invalid_request: client_id does not match id_token_hint': async () =>
    end({ id_token_hint: (await tokens()).id_token ?? '', client_id: fapi.id }),
  'invalid_request: state must not be given twice': () => onPage(`/oidc/session/end?state=a&state=b`),
  'invalid_request: state must have at most 2000 characters': () => end({ state: 'x'.repeat(2_001) }),
};

const redirects: Provocations = {
  'access_denied: the citizen has cancelled': async () =>
    told((await (await FlowOnPages.start(gateway, party)).leave('cancelled')).location),
  'unmet_authentication_requirements: the level asked for was not reached': async () =>
    told(
      (await (await FlowOnPages.start(gateway, party, { acr_values: high })).leave('level-not-available'))
        .location,
    ),
  'temporarily_unavailable: the citizen did not finish in time': async () =>
    told((await (await FlowOnPages.start(gateway, party)).leave('timed-out')).location),
  'temporarily_unavailable: the identification is not available at the moment': async () =>
    told((await (await FlowOnPages.start(gateway, party)).leave('unavailable')).location),
  'login_required: End-User authentication is required': () => leadsBack({ prompt: 'none' }),
  'login_required: the citizen has not identified': async () => {
    const flow = await FlowOnPages.start(gateway, party);
    return told((await flow.open(flow.path.replace('/identify/', '/oidc/auth/'))).location);
  },
  'login_required: the subject asked for has not identified': async () => {
    const claims = JSON.stringify({ id_token: { sub: { value: 'another' } } });
    return told((await (await FlowOnPages.start(gateway, party, { claims })).identify(citizen)).href);
  },
  'invalid_request: acr: none of the values is supported': () => leadsBack({ acr_values: 'loa3' }),
  'invalid_request: claims: acr must have a text as value, or a list as values': () =>
    leadsBack({ claims: '{"id_token":{"acr":{"value":1}}}' }),
  'invalid_request: could not parse the claims parameter JSON': () => leadsBack({ claims: '{' }),
  'invalid_request: claims: at most 4096 characters': () =>
    leadsBack({ claims: JSON.stringify({ userinfo: { a: { value: 'x'.repeat(5_000) } } }) }),
  'invalid_request: claims: at most 50 in userinfo': () =>
    leadsBack({ claims: JSON.stringify({ userinfo: { ...Array(51).fill(null) } }) }),
  'invalid_request: claims: members of userinfo must be null or objects': () =>
    leadsBack({ claims: '{"userinfo":{"email":true}}' }),
  'invalid_request: claims: only acr and sub may have a value, and sub one text': () =>
    leadsBack({ claims: '{"userinfo":{"national_id":{"value":"99999018D"}}}' }),
  'invalid_request: claims: no NUL and no surrogates': () =>
    leadsBack({ claims: '{"id_token":{"a\\u0000":null}}' }),
  'invalid_scope: scope must contain openid': () => leadsBack({ scope: 'profile', nonce: undefined }),
  'invalid_scope: scope: supported are openid profile email phone nif': () =>
    leadsBack({ scope: 'openid nfi' }),
  'unsupported_response_type: unsupported response_type requested': () =>
    leadsBack({ response_type: 'id_token' }),
  'invalid_request: Authorization Server policy requires PKCE to be used for this request': () =>
    leadsBack({ code_challenge: undefined, code_challenge_method: undefined }),
  'invalid_request: not supported value of code_challenge_method': () =>
    leadsBack({ code_challenge_method: 'plain' }),
  'invalid_request: code_challenge must be a string with a minimum length of 43 characters': () =>
    leadsBack({ code_challenge: 'short' }),
  'invalid_request: could not validate id_token_hint': () => leadsBack({ id_token_hint: 'e30.e30.e30' }),
  'invalid_request: nonce must not contain control characters': () => leadsBack({ nonce: 'a\0b' }),
  'invalid_request: state must have at most 2000 characters': () => leadsBack({ state: 'x'.repeat(2_001) }),
  'invalid_request: invalid max_age parameter value': () => leadsBack({ max_age: '-1' }),
  'invalid_request: unsupported prompt value requested': () => leadsBack({ prompt: 'create' }),
  request_not_supported: () => leadsBack({ request: 'e30.e30.' }),
  request_uri_not_supported: () => leadsBack({ request_uri: 'https://party.example/request' }),
  registration_not_supported: () => leadsBack({ registration: '{}' }),
  'invalid_request: Pushed Authorization Request must be used': () => leadsBack({}, fapi),
  "invalid_request: 'state' parameter must not be provided twice": async () => {
    const address = await spoiled((params) => params.append('state', 'again'));
    return told((await new PlainBrowser().get(address)).location);
  },
  'unsupported_response_mode: unsupported response_mode requested': () =>
    leadsBack({ response_mode: 'none' }),
  'invalid_request: prompt none must only be used alone': () =>
    leadsBack({ acr_values: low, prompt: 'none login' }),
};

const servers: Provocations = {
  'invalid_client: client authentication failed': () =>
    theSame(
      () => answered(post('token', aCode, basic({ ...party, secret: 'x' }))),
      async () => answered(post('token', await asserted({ aud: 'https://other.example' }), {})),
      async () => answered(post('token', await asserted({ exp: Date.now() / 1_000 + 7_200 }), {})),
      async () => {
        const fields = await asserted({});
        await post('token', fields, {});
        return answered(post('token', fields, {}));
      },
    ),
  'invalid_request: no client authentication mechanism provided': () =>
    answered(post('token', { grant_type: 'authorization_code' }, {})),
  'unsupported_grant_type: unsupported grant_type requested': () =>
    answered(post('token', { grant_type: 'password' })),
  "invalid_request: missing required parameters 'code' and 'redirect_uri'": () =>
    answered(post('token', { grant_type: 'authorization_code' })),
  'invalid_grant: grant request is invalid': () =>
    theSame(
      () =>
        answered(post('token', { ...aCode, redirect_uri: party.redirectUri, code_verifier: 'y'.repeat(43) })),
      async () => {
        const { fields } = await issued();
        await post('token', fields);
        return answered(post('token', fields));
      },
      async () => {
        const { fields } = await issued();
        await expire('AuthorizationCode');
        return answered(post('token', fields));
      },
      async () => {
        const { fields } = await issued();
        // The first refusal leaves the code as it was.
        const wrong = { code_verifier: 'y'.repeat(43) };
        const other = { redirect_uri: 'https://party.example/' };
        return theSame(
          () => answered(post('token', { ...fields, ...wrong })),
          () => answered(post('token', { ...fields, ...other })),
          () => answered(post('token', fields, basic(fapi))),
        );
      },
    ),
  'invalid_dpop_proof: invalid DPoP key binding': () =>
    answered(post('token', { ...aCode, code_verifier: 'y'.repeat(43) }, { ...basic(party), DPoP: 'x' })),
  "invalid_request: redirect_uri did not match any of the client's registered redirect_uris": () =>
    answered(
      post('request', {
        ...{
          client_id: party.id,
          redirect_uri: 'https://party.example/x',
          response_type: 'code',
          scope: 'openid',
        },
        ...{ code_challenge: 'y'.repeat(43), code_challenge_method: 'S256' },
      }),
    ),
  temporarily_unavailable: () =>
    whileAway(() => answered(post('token', { ...aCode, code_verifier: 'y'.repeat(43) }))),
  'invalid_request: only application/x-www-form-urlencoded content-type bodies are supported on POST /token':
    () =>
      answered(
        fetch(`${gateway.url}/oidc/token`, {
          method: 'POST',
          body: '{}',
          headers: { ...basic(party), 'Content-Type': 'application/json' },
        }),
      ),
  'invalid_request: failed to parse the request body': () =>
    answered(post('token', { a: 'x'.repeat(70_000) })),
  'invalid_token: invalid token provided': () =>
    theSame(
      () => userinfo('x'),
      async () => {
        const { access_token } = await tokens();
        await queryAsOwner(
          stack,
          `UPDATE "Identification" SET "expiresAt" = now() WHERE "relyingPartyId" = $1`,
          [party.id],
        );
        return userinfo(access_token);
      },
    ),
  'invalid_token: no access token provided': () => answered(fetch(`${gateway.url}/oidc/me`)),
};

describe.each([
  ['On a page of the gateway', pages],
  ['At your address', redirects],
  ['From the endpoints of servers', servers],
])('%s', (heading, provocations) => {
  test('the dictionary has each error that is provoked here', () => {
    expect(entriesBelow(heading).sort()).toEqual(Object.keys(provocations).sort());
  });

  test.each(Object.keys(provocations))('%s', async (expected) => {
    expect(await provocations[expected]?.()).toMatch(
      new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`),
    );
  });
});
