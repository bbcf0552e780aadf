import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Built, build } from '../../local/fleet/build.ts';
import { type IsolatedService, startIsolatedService } from '../../local/fleet/isolated-service.ts';
import { waitUntilReady } from '../../local/servers/wait-until-ready.ts';
import { registerActive } from '../overload/registered-citizens.ts';
import { CitizenInBrowser } from './citizen-in-browser.ts';
import { startOidcClientTsSite } from './oidc-client-ts-site.ts';
import { registerRelyingSite } from './register-party.ts';
import type { RelyingSite } from './relying-site.ts';

let built: Built | undefined;
let service: IsolatedService;
let site: RelyingSite;
beforeAll(async () => {
  built = build();
  service = await startIsolatedService(built, { withGateway: true });
  site = await startOidcClientTsSite(await registerRelyingSite(service, 'kill'));
});
afterAll(async () => {
  await site?.stop();
  await service?.stop();
  built?.remove();
});

/** Kills the gateway, and waits until its supervisor has started another. */
async function killGateway(): Promise<void> {
  const killed = service.pidOf('gateway');
  process.kill(killed, 'SIGKILL');
  const ready = () => waitUntilReady(`${service.gatewayUrl}/readyz`, 60_000, AbortSignal.timeout(60_000));
  while (service.pidOf('gateway') === killed) await ready();
  expect(await ready()).toBe(true);
}

test('a flow goes on though the gateway is killed before each of its forms is submitted', async () => {
  const [citizen] = await registerActive(service, 1);
  if (!citizen) throw new Error('nobody was registered');
  const browser = new CitizenInBrowser();
  await browser.open(`${site.url}/sign-in?acr=http%3A%2F%2Feidas.europa.eu%2FLoA%2Fsubstantial`);
  const killed: number[] = [];
  const { json } = await browser.identify(citizen, service.phoneUrl, async () => {
    killed.push(service.pidOf('gateway'));
    await killGateway();
  });
  expect(json.userinfo).toMatchObject({ national_id: citizen.nationalId });
  expect(new Set(killed).size).toBe(3);
});

test('a citizen who cancels after the gateway was killed goes back with the standard code', async () => {
  const browser = new CitizenInBrowser();
  await browser.open(`${site.url}/sign-in?acr=http%3A%2F%2Feidas.europa.eu%2FLoA%2Flow`);
  await killGateway();
  const { json } = await browser.submit({ reason: 'cancelled' }, '/leave');
  expect(json).toEqual({ error: 'access_denied' });
});
