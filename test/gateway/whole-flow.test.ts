import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oidc from 'openid-client';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { begin, followHome, redeem, registerOidcParty } from '../actors/oidc-party.ts';
import { type BrowserAnswer, PlainBrowser } from '../actors/plain-browser.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack, { createPages: createFlowPages });
});
afterAll(async () => {
  await gateway?.stop();
  await stack?.stop();
});

/** Submits a form of a page, with its token, and follows the answer to the next page of the gateway. */
async function submit(
  browser: PlainBrowser,
  { text }: BrowserAnswer,
  path: string,
  fields: Record<string, string>,
): Promise<BrowserAnswer> {
  const csrf = /name="csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
  const nonce = /name="nonce" value="([^"]*)"/.exec(text)?.[1] ?? '';
  return followHome(
    gateway,
    browser,
    await browser.post(`${gateway.url}${path}`, { csrf, nonce, ...fields }),
  );
}

test('a citizen whom a party sends identifies on the pages, in the party’s language, and goes back with a code', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const browser = new PlainBrowser();
  const acr_values = 'http://eidas.europa.eu/LoA/substantial';
  const request = await begin(browser, party, { acr_values, ui_locales: 'eu' });
  const address = `/identify/${request.id}`;
  const t = wordings.eu;
  const first = await browser.get(`${gateway.url}${address}`);
  expect(first.text).toContain('<html lang="eu"');
  expect(first.text).toContain('Probetarako agentzia');
  const { nationalId } = citizen.data;
  const typed = { nationalId, password: goodPassword, means: 'password-sms' };
  const otpPage = await submit(browser, first, address, typed);
  expect(otpPage.text).toContain(t('otp.title'));
  const otp = await citizen.otp(2);
  const confirmation = await submit(browser, otpPage, `${address}/journey`, { action: 'otp', otp });
  expect(confirmation.text).toContain(t('gateway.attribute.nif'));
  const back = await submit(browser, confirmation, `${address}/confirmation`, {});
  const tokens = await redeem(request, new URL(back.location ?? ''));
  const { sub = '' } = tokens.claims() ?? {};
  expect(await oidc.fetchUserInfo(party.config, tokens.access_token, sub)).toMatchObject({
    national_id: nationalId,
  });
  // Back in the browser: the request is over, and its page says so.
  expect((await browser.get(`${gateway.url}${address}`)).text).not.toContain(t('gateway.means'));
});

test('an HTTP request of a flow reads all that it needs by one statement', async () => {
  const [citizen, party] = [await activeCitizen(stack), await registerOidcParty(stack, gateway)];
  const browser = new PlainBrowser();
  const before = gateway.statements.length;
  const request = await begin(browser, party);
  const address = `/identify/${request.id}`;
  const first = await browser.get(`${gateway.url}${address}`);
  const typed = { nationalId: citizen.data.nationalId, password: goodPassword, means: 'password' };
  const confirmation = await submit(browser, first, address, typed);
  const back = await submit(browser, confirmation, `${address}/confirmation`, {});
  const tokens = await redeem(request, new URL(back.location ?? ''));
  await oidc.fetchUserInfo(party.config, tokens.access_token, tokens.claims()?.sub ?? '');
  expect(gateway.statements.slice(before)).toEqual([
    // The authorization request, whose party is not known before; the page of the sign-in and its form.
    ...['find-relying-party', 'upsert-oidc-interaction'],
    ...['find-oidc-artefact', 'find-oidc-artefact'],
    // The page of the confirmation and its form; the page that leads back.
    ...['find-oidc-artefact', 'find-oidc-artefact', 'end-oidc-interaction-with-grant'],
    'find-oidc-artefact',
    // The way back, the token, userinfo.
    ...['find-oidc-artefact', 'destroy-oidc-artefact', 'upsert-oidc-artefact'],
    ...['find-oidc-artefact', 'consume-oidc-artefact', 'upsert-oidc-artefact'],
    'find-oidc-artefact',
  ]);
});

test('cancelling leads back with the standard code, and for the level high, which needs the DNIe, giving up does too', async () => {
  const party = await registerOidcParty(stack, gateway);
  for (const [acr_values, reason, error, text] of [
    [undefined, 'cancelled', 'access_denied', 'gateway.sign-in.title'],
    [
      'http://eidas.europa.eu/LoA/high',
      'level-not-available',
      'unmet_authentication_requirements',
      'gateway.by-certificate',
    ],
  ] as const) {
    const browser = new PlainBrowser();
    const request = await begin(browser, party, { acr_values });
    const address = `/identify/${request.id}`;
    const page = await browser.get(`${gateway.url}${address}`);
    expect(page.text).toContain(wordings.es(text, { party: 'Agencia de pruebas' }));
    const { location = '' } = await submit(browser, page, `${address}/leave`, { reason });
    const { searchParams, origin } = new URL(location);
    expect([origin, searchParams.get('error'), searchParams.get('state')]).toEqual([
      new URL(party.redirectUri).origin,
      error,
      request.state,
    ]);
  }
});

test('an error of the protocol and an address of nobody have pages', async () => {
  const refused = await new PlainBrowser().get(`${gateway.url}/oidc/auth?client_id=nobody`);
  expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('invalid_')]);
  const nowhere = await new PlainBrowser().get(`${gateway.url}/nowhere`, { 'Accept-Language': 'gl' });
  expect([nowhere.status, nowhere.text]).toEqual([404, expect.stringContaining('<html lang="gl"')]);
});
