import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { authorizationRequest, type OidcParty, registerOidcParty } from '../actors/oidc-party.ts';
import { launchBrowser, type PageBrowser } from '../browser/browser.ts';
import { signInAtGateway } from '../browser/gateway-states.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('a party whose registered address redirects to another origin', () => {
  let stack: Stack;
  let gateway: GatewayInProcess;
  let chromium: PageBrowser;
  let site: Server;
  let home: string;
  let party: OidcParty;
  beforeAll(async () => {
    stack = await startStack();
    gateway = await startGatewayInProcess(stack, { createPages: createFlowPages });
    chromium = await launchBrowser(gateway.url);
    // The address is that of a login service, and the site is elsewhere.
    site = createServer((request, response) => {
      const { pathname, search } = new URL(request.url ?? '', home);
      if (pathname !== '/back') return void response.end('<h1>sede</h1>');
      response.writeHead(303, { Location: `${home}/inside${search}` }).end();
    }).listen(0);
    await once(site, 'listening');
    const { port } = site.address() as AddressInfo;
    home = `http://127.0.0.1:${port}`;
    const registration = { redirectUris: [`http://localhost:${port}/back`] };
    party = await registerOidcParty(stack, gateway, { registration });
  });
  afterAll(async () => {
    site?.close();
    await chromium?.browser.close();
    await gateway?.stop();
    await stack?.stop();
  });

  const begin = async (page: Page, params: Record<string, string> = {}): Promise<string> => {
    const { address, state } = await authorizationRequest(party, { ui_locales: 'es', ...params });
    await page.goto(address.href);
    return state;
  };
  const arrives = async (page: Page): Promise<URLSearchParams> => {
    await page.waitForURL((url) => url.href.startsWith(`${home}/inside`));
    return new URL(page.url()).searchParams;
  };

  test.each([true, false])('scripts: %s: an identification arrives there', async (scripts) => {
    const page = await chromium.openPage({ scripts });
    const citizen = await activeCitizen(stack);
    const state = await begin(page);
    await signInAtGateway(page, citizen, { password: goodPassword });
    await page.locator('main form button[type=submit]').click();
    const answer = await arrives(page);
    expect([answer.get('state'), Boolean(answer.get('code'))]).toEqual([state, true]);
  });

  test('so does an answer by form_post, which the party takes and redirects', async () => {
    const page = await chromium.openPage();
    await begin(page, { response_mode: 'form_post' });
    await page.goto(`${page.url()}/leave`);
    await page.locator('main form button[type=submit]').click();
    expect((await arrives(page)).size).toBe(0);
  });

  test.each([true, false])('scripts: %s: so does a request that is cancelled', async (scripts) => {
    const page = await chromium.openPage({ scripts });
    const state = await begin(page);
    await page.goto(`${page.url()}/leave`);
    await page.locator('main form button[type=submit]').click();
    const answer = await arrives(page);
    expect([answer.get('state'), answer.get('error')]).toEqual([state, 'access_denied']);
  });
});
