import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import {
  authorizationRequest,
  begin,
  followHome,
  identifyIn,
  type OidcParty,
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
let citizen: Citizen;
let party: OidcParty;
let strict: OidcParty;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  citizen = await activeCitizen(stack);
  party = await registerOidcParty(stack, gateway);
  strict = await registerOidcParty(stack, gateway, { floor: 'substantial' });
});
afterAll(async () => {
  await gateway.stop();
  await stack.stop();
});

const acr = (level: string) => `http://eidas.europa.eu/LoA/${level}`;
const inClaims = (entry: unknown, part = 'id_token') => JSON.stringify({ [part]: { acr: entry } });

/** The error that a party is told at once, or the floor of the request. */
async function answerTo(asking: OidcParty, params: Record<string, string | undefined>) {
  const browser = new PlainBrowser();
  const { address } = await authorizationRequest(asking, params);
  const answer = await browser.get(address);
  const error = answer.location?.startsWith(asking.redirectUri)
    ? new URL(answer.location).searchParams.get('error')
    : undefined;
  if (error) return error;
  return (await browser.get(`${gateway.url}/identify/${requestIdOf(answer)}`)).json.floor;
}

describe('the floor of a request', () => {
  test.each([
    ['nothing', {}, 'low'],
    ['a level', { acr_values: acr('substantial') }, 'substantial'],
    ['several levels', { acr_values: `${acr('high')} ${acr('substantial')}` }, 'substantial'],
    ['an unknown value beside', { acr_values: `urn:x ${acr('high')}` }, 'high'],
    ['claims', { claims: inClaims({ essential: true, value: acr('substantial') }) }, 'substantial'],
    [
      'claims with a lower acr_values',
      { claims: inClaims({ values: [acr('high')] }), acr_values: acr('low') },
      'high',
    ],
    [
      'acr_values with lower claims',
      { claims: inClaims({ values: [acr('low')] }), acr_values: acr('high') },
      'high',
    ],
    ['claims of userinfo', { claims: inClaims({ value: acr('high') }, 'userinfo') }, 'high'],
    ['unknown values only', { acr_values: 'urn:x' }, 'invalid_request'],
    ['an unknown value in claims', { claims: inClaims({ value: 'urn:x' }) }, 'invalid_request'],
    ['no silent request', { acr_values: acr('low'), prompt: 'none' }, 'login_required'],
  ])('%s', async (_what, params, expected) => {
    expect(await answerTo(party, params)).toBe(expected);
  });

  test.each([
    ['low', { acr_values: acr('low') }],
    ['low in claims', { claims: inClaims({ essential: true, value: acr('low') }) }],
    ['nothing', {}],
  ])('is never below that of the party: %s', async (_what, params) => {
    expect(await answerTo(strict, params)).toBe('substantial');
  });
});

describe('below its floor no request succeeds', () => {
  /** The error to which an identification by password alone leads. */
  async function withPasswordOnly(asking: OidcParty, params: Record<string, string>) {
    const browser = new PlainBrowser();
    const request = await begin(browser, asking, params);
    const answer = await succeed(stack, gateway, browser, request, citizen);
    const { searchParams } = new URL((await followHome(gateway, browser, answer)).location ?? '');
    return [searchParams.get('error'), searchParams.get('code')];
  }

  test.each<[string, Record<string, string>]>([
    ['acr_values', { acr_values: acr('substantial') }],
    ['claims that ask essentially', { claims: inClaims({ essential: true, value: acr('substantial') }) }],
    ['claims with values', { claims: inClaims({ essential: true, values: [acr('substantial')] }) }],
    ['claims that ask voluntarily', { claims: inClaims({ value: acr('substantial') }) }],
  ])('%s', async (_what, params) => {
    expect(await withPasswordOnly(party, params)).toEqual(['unmet_authentication_requirements', null]);
  });

  test('neither with an identification that another request of this browser reached', async () => {
    const browser = new PlainBrowser();
    const [low, substantial] = [
      await begin(browser, party, { acr_values: acr('low') }),
      await begin(browser, party, { acr_values: acr('substantial') }),
    ];
    const back = await succeed(stack, gateway, browser, low, citizen);
    // The end of the one is not the end of the other, whatever address is used.
    const swapped = (back.location ?? '').replace(low.id, substantial.id);
    expect((await browser.get(swapped)).location).toContain('error=login_required');
    const another = await begin(browser, party, { acr_values: acr('substantial') });
    const { rows } = await stack.db.pool.query<{ id: string }>(
      'SELECT id FROM "Identification" WHERE "relyingPartyId" = $1 ORDER BY at DESC LIMIT 1',
      [party.id],
    );
    const answer = await browser.post(`${gateway.url}/identify/${another.id}/succeed`, {
      identificationId: rows[0]?.id ?? '',
      ...{ level: 'high', means: 'dnie', expiresAt: new Date(Date.now() + 600_000).toISOString() },
    });
    const { searchParams } = new URL((await followHome(gateway, browser, answer)).location ?? '');
    expect(searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test('nor with an identification of another party', async () => {
    const [browser, other] = [new PlainBrowser(), await registerOidcParty(stack, gateway)];
    const mine = await begin(browser, party);
    const answer = await succeed(stack, gateway, browser, { ...mine, party: other }, citizen);
    const { searchParams } = new URL((await followHome(gateway, browser, answer)).location ?? '');
    expect([searchParams.get('error'), searchParams.get('code')]).toEqual(['temporarily_unavailable', null]);
  });

  test('nor with parameters beside a pushed request', async () => {
    const { address } = await authorizationRequest(party, { acr_values: acr('substantial') });
    const pushed = await fetch(`${gateway.url}/oidc/request`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`${party.id}:${party.secret}`).toString('base64')}` },
      body: address.searchParams,
    });
    const { request_uri } = (await pushed.json()) as { request_uri: string };
    const query = new URLSearchParams({
      ...{ client_id: party.id, request_uri, acr_values: acr('low') },
      claims: inClaims({ essential: true, value: acr('low') }),
    });
    const browser = new PlainBrowser();
    const id = requestIdOf(await browser.get(`${gateway.url}/oidc/auth?${query}`));
    expect((await browser.get(`${gateway.url}/identify/${id}`)).json.floor).toBe('substantial');
  });

  test('nor if the floor of its row is lifted on the way', async () => {
    const [browser, own] = [new PlainBrowser(), await registerOidcParty(stack, gateway)];
    const request = await begin(browser, own);
    await queryAsOwner(stack, `UPDATE "RelyingParty" SET floor = 'substantial' WHERE id = $1`, [own.id]);
    await expect(succeed(stack, gateway, browser, request, citizen)).resolves.toMatchObject({ status: 303 });
    const answer = await browser.get(`${gateway.url}/oidc/auth/${request.id}`);
    expect(answer.location ?? '').not.toContain('code=');
  });
});

test('a step up within one request leads to what was asked for', async () => {
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen, {
    ...{ withSms: true, acr_values: acr('substantial') },
  });
  expect((await redeem(flow, flow.back)).claims()?.['acr']).toBe(acr('substantial'));
});

test('a subject that was asked for and has not identified ends the request', async () => {
  const browser = new PlainBrowser();
  const flow = await identifyIn(stack, gateway, browser, party, citizen);
  const { id_token } = await redeem(flow, flow.back);
  const again = await identifyIn(stack, gateway, browser, party, citizen, { id_token_hint: id_token });
  expect(again.back.searchParams.get('code')).toBeTruthy();
  const stranger = await activeCitizen(stack);
  const other = await identifyIn(stack, gateway, browser, party, stranger, { id_token_hint: id_token });
  expect(other.back.searchParams.get('error')).toBe('login_required');
  const claims = JSON.stringify({ id_token: { sub: { value: 'somebody' } } });
  const named = await identifyIn(stack, gateway, browser, party, citizen, { claims });
  expect(named.back.searchParams.get('error')).toBe('login_required');
});
