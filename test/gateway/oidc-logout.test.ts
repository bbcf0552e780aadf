import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { identifyIn, type OidcParty, redeem, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { currentSession, newSession } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const returnAddress = 'https://party.example/bye?a=1';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  const registration = {
    postLogoutRedirectUris: [returnAddress],
    backchannelLogoutUri: 'https://party.example/out',
  };
  party = await registerOidcParty(stack, gateway, { registration });
});
afterAll(async () => {
  await gateway.stop();
  await stack.stop();
});

const end = (params: Record<string, string>, browser = new PlainBrowser()) =>
  browser.get(oidc.buildEndSessionUrl(party.config, params));

async function issued(asking: OidcParty, citizen?: Citizen) {
  const who = citizen ?? (await activeCitizen(stack));
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), asking, who);
  const tokens = await redeem(flow, flow.back);
  const claims = tokens.claims();
  const [sub, sid] = [claims?.sub ?? '', claims?.['sid']];
  const userinfo = () => oidc.fetchUserInfo(asking.config, tokens.access_token, sub);
  return { hint: tokens.id_token ?? '', sub, sid, userinfo };
}

test('a logout of a party ends what it was issued for that citizen, and nothing else', async () => {
  const [mine, others] = [await issued(party), await issued(party)];
  const answer = await end({
    id_token_hint: mine.hint,
    post_logout_redirect_uri: returnAddress,
    state: 'a b',
  });
  expect([answer.status, answer.location]).toEqual([303, `${returnAddress}&state=a+b`]);
  await expect(mine.userinfo()).rejects.toMatchObject({ status: 401 });
  expect(await others.userinfo()).toMatchObject({ sub: others.sub });
});

test('a logout of a party ends neither what another party of its sector has, nor the session in «Mi Cl@ve»', async () => {
  const citizen = await activeCitizen(stack);
  const sibling = await registerOidcParty(stack, gateway, { sector: party.sector });
  const [mine, theirs, again] = [
    await issued(party, citizen),
    await issued(sibling, citizen),
    await issued(party, citizen),
  ];
  expect(theirs.sub).toBe(mine.sub);
  const token = await newSession(stack, citizen);
  expect((await end({ id_token_hint: mine.hint })).status).toBe(200);
  await expect(mine.userinfo()).rejects.toMatchObject({ status: 401 });
  // Every grant by which this party knows the citizen.
  await expect(again.userinfo()).rejects.toMatchObject({ status: 401 });
  expect(await theirs.userinfo()).toMatchObject({ sub: theirs.sub });
  expect((await currentSession(stack, token)).status).toBe(200);
});

test('without an address it shows a page', async () => {
  const { hint } = await issued(party);
  expect((await end({ id_token_hint: hint })).json).toEqual({ page: 'signed-out', relyingParty: party.id });
});

test('it leads to no address that is not registered, and believes no token of others', async () => {
  const { hint, userinfo, sub } = await issued(party);
  const other = await registerOidcParty(stack, gateway);
  const [head, , signature] = hint.split('.');
  const payload = Buffer.from(JSON.stringify({ aud: party.id, sub, iss: `${gateway.url}/oidc` })).toString(
    'base64url',
  );
  const wrong: Record<string, string>[] = [
    { id_token_hint: hint, post_logout_redirect_uri: 'https://evil.example/' },
    { id_token_hint: hint, post_logout_redirect_uri: `${returnAddress}&b=2` },
    { id_token_hint: hint, post_logout_redirect_uri: 'javascript:alert(1)' },
    { id_token_hint: `${head}.${payload}.${signature}`, post_logout_redirect_uri: returnAddress },
    { id_token_hint: 'x', post_logout_redirect_uri: returnAddress },
    { id_token_hint: hint, client_id: other.id },
    { client_id: other.id, post_logout_redirect_uri: returnAddress },
    { id_token_hint: '', client_id: '', post_logout_redirect_uri: returnAddress },
  ];
  for (const params of wrong) {
    const query = new URLSearchParams(params);
    const answer = await new PlainBrowser().get(`${gateway.url}/oidc/session/end?${query}`);
    expect(answer).toMatchObject({ status: 400, location: undefined, json: { page: 'error' } });
  }
  const twice = `${gateway.url}/oidc/session/end?id_token_hint=${hint}&state=a&state=b`;
  expect((await new PlainBrowser().get(twice)).status).toBe(400);
  expect(await userinfo()).toMatchObject({ sub });
});

test('a party that takes notices of logout knows a session id, which is kept for twelve hours', async () => {
  const { sid, sub } = await issued(party);
  const rows = await queryAsOwner<{ hours: number }>(
    stack,
    `SELECT round(extract(epoch FROM "expiresAt" - now()) / 3600)::int AS hours FROM "LogoutSubject"
     WHERE "relyingPartyId" = $1 AND subject = $2 AND sid = $3`,
    [party.id, sub, sid],
  );
  expect(rows).toEqual([{ hours: 12 }]);
  expect((await issued(await registerOidcParty(stack, gateway))).sid).toBeUndefined();
});
