import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Built, build } from '../../local/fleet/build.ts';
import { type IsolatedService, startIsolatedService } from '../../local/fleet/isolated-service.ts';
import type { BrowserAnswer } from '../../test/actors/plain-browser.ts';
import { type Citizen, registerActive } from '../overload/registered-citizens.ts';
import { installAuthlib, startAuthlibSite } from './authlib-site.ts';
import { CitizenInBrowser } from './citizen-in-browser.ts';
import { startOidcClientTsSite } from './oidc-client-ts-site.ts';
import { registerRelyingSite } from './register-party.ts';
import type { Registration, RelyingSite } from './relying-site.ts';

type Start = (registration: Registration) => Promise<RelyingSite>;

const clients: [string, Start][] = [['oidc-client-ts', startOidcClientTsSite]];
const authlib = installAuthlib();
if ('path' in authlib)
  clients.push(['Authlib', (registration) => startAuthlibSite(authlib.path, registration)]);
else test.todo(`Authlib as a relying party: ${authlib.missing}`);

let built: Built | undefined;
let service: IsolatedService;
beforeAll(async () => {
  built = build();
  service = await startIsolatedService(built, { withGateway: true });
});
afterAll(async () => {
  await service?.stop();
  built?.remove();
});

const levels = 'http://eidas.europa.eu/LoA/';
const signInAt = (site: RelyingSite, level: string) =>
  `${site.url}/sign-in?acr=${encodeURIComponent(levels + level)}`;

describe.each(clients)('a relying party on %s', (name, start) => {
  let site: RelyingSite;
  beforeAll(async () => {
    site = await start(await registerRelyingSite(service, name));
  });
  afterAll(() => site?.stop());

  const identified = async (browser: CitizenInBrowser): Promise<[Citizen, BrowserAnswer]> => {
    const [citizen] = await registerActive(service, 1);
    await browser.open(signInAt(site, 'substantial'));
    return [citizen as Citizen, await browser.identify(citizen as Citizen, service.phoneUrl)];
  };
  const userinfo = (accessToken: string) =>
    fetch(`${service.gatewayUrl}/oidc/me`, { headers: { Authorization: `Bearer ${accessToken}` } });

  test('gets who the citizen is, and the level that it asked for', async () => {
    const [{ nationalId }, { status, json }] = await identified(new CitizenInBrowser());
    expect([status, json.error]).toEqual([200, undefined]);
    expect(json.idToken).toMatchObject({ acr: `${levels}substantial`, sub: json.userinfo.sub });
    expect(json.userinfo).toMatchObject({ national_id: nationalId, given_name: 'Begoña' });
  });

  test('gets the standard code for a level that cannot be had', async () => {
    const browser = new CitizenInBrowser();
    await browser.open(signInAt(site, 'high'));
    const { json } = await browser.submit({ reason: 'level-not-available' }, '/leave');
    expect(json).toEqual({ error: 'unmet_authentication_requirements' });
  });

  test('gets the standard code for a citizen who cancels', async () => {
    const browser = new CitizenInBrowser();
    await browser.open(signInAt(site, 'low'));
    const { json } = await browser.submit({ reason: 'cancelled' }, '/leave');
    expect(json).toEqual({ error: 'access_denied' });
  });

  test('signs out: the citizen is back at its page, and its access token opens nothing any more', async () => {
    const browser = new CitizenInBrowser();
    const [, { json }] = await identified(browser);
    expect((await userinfo(json.accessToken)).status).toBe(200);
    const { json: out } = await browser.open(`${site.url}/sign-out`);
    expect(out).toEqual({ signedOut: true });
    expect((await userinfo(json.accessToken)).status).toBe(401);
  });
});
