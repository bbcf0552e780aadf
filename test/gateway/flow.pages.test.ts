import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { authorizationRequest, registerOidcParty } from '../actors/oidc-party.ts';
import { registerParty } from '../actors/relying-parties.ts';
import { findingsIn } from '../browser/axe.ts';
import { heading, launchBrowser, navigate, type PageBrowser, submitForm } from '../browser/browser.ts';
import { gatewayStates, signInAtGateway, visitEveryGatewayState } from '../browser/gateway-states.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { matrix, matrixRows, matrixTimeoutMs } from '../browser/page-matrix.ts';
import { startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { addressOfRequest, type GatewayPages, startGatewayPages } from '../environment/gateway-pages.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;

/** Where pictures of every state go, if they are asked for. */
const pictures = process.env['CLAVE_PICTURES'];

describeInBrowser('the pages of the gateway', () => {
  let stack: Stack;
  let gateway: GatewayPages;
  let chromium: PageBrowser;
  beforeAll(async () => {
    stack = await startStack({ own: true });
    gateway = await startGatewayPages(stack);
    chromium = await launchBrowser(gateway.url);
  });
  afterAll(async () => {
    await chromium?.browser.close();
    gateway?.stop();
    await stack?.stop();
  });

  test.each(languages)(
    'in %s axe finds nothing, and no page is wider than its window',
    async (language) => {
      const rows = matrixRows(matrix, gatewayStates).filter((row) => row.language === language);
      const extraHTTPHeaders = {
        'Accept-Language': language === 'ca-valencia' ? 'ca-ES-valencia' : language,
      };
      const page = await chromium.openPage({ reducedMotion: 'reduce', extraHTTPHeaders });
      const found: string[] = [];
      page.on('pageerror', (error) => found.push(`${page.url()}: ${error.message}`));
      await visitEveryGatewayState(stack, gateway, page, async (_page, state) => {
        expect([state, await page.locator('html').getAttribute('lang')]).toEqual([state, language]);
        const ofState = rows.filter((row) => row.state === state);
        found.push(...(await findingsIn(page, state, ofState)));
        if (pictures && ['es', 'eu'].includes(language)) {
          await page.emulateMedia({ colorScheme: 'light' });
          mkdirSync(pictures, { recursive: true });
          for (const width of [320, 1280]) {
            await page.setViewportSize({ width, height: 700 });
            await page.screenshot({
              path: path.join(pictures, `${language}-${state}-${width}.png`),
              fullPage: true,
            });
          }
        }
      });
      expect(found).toEqual([]);
    },
    matrixTimeoutMs,
  );

  test.each([true, false])(
    'scripts: %s: the Enter key signs in, and a form leads to another origin',
    async (scripts) => {
      const citizen = await activeCitizen(stack);
      const abroad = gateway.url.replace('localhost', '127.0.0.1');
      gateway.requests.returnOrigin = abroad;
      const id = gateway.requests.start(await registerParty(stack));
      const page = await chromium.openPage({ scripts, locale: 'es-ES' });
      await page.goto(addressOfRequest(id));
      await page.locator('main [name="nationalId"]').fill(citizen.data.nationalId);
      await page.locator('main [name="password"]').fill(goodPassword);
      await navigate(page, () => page.locator('main [name="password"]').press('Enter'));
      expect(await page.locator('html').getAttribute('lang')).toBe('es');
      expect(await heading(page)).toBe(t('gateway.confirmation.title', { party: 'Agencia de pruebas' }));
      await page.locator('main form button[type=submit]').click();
      const isBack = `${abroad}/returned/${id}`;
      await page.waitForURL(isBack);
      // Back, from a history that has only addresses that may be loaded anew.
      await page.goBack();
      await page.waitForURL(isBack);
      gateway.requests.returnOrigin = '';
    },
  );

  test.each([true, false])(
    'scripts: %s: a change of language, a reload and Back keep what was typed',
    async (scripts) => {
      const id = gateway.requests.start(await registerParty(stack));
      const page = await chromium.openPage({ scripts, locale: 'es-ES' });
      await page.goto(addressOfRequest(id));
      await page.locator('main [name="nationalId"]').fill('12345678');
      await page.locator('main [name="means"][value="password-sms"]').check();
      await navigate(page, () =>
        page.locator('header button[lang="eu"], .clave-header button[lang="eu"]').first().click(),
      );
      const typed = async () => [
        await page.locator('html').getAttribute('lang'),
        await page.locator('main [name="nationalId"]').inputValue(),
        await page.locator('main [value="password-sms"]').isChecked(),
      ];
      expect(await typed()).toEqual(['eu', '12345678', true]);
      await page.reload();
      expect(await typed()).toEqual(['eu', '12345678', true]);
      await submitForm(page);
      expect(await page.locator('.govuk-error-summary').count()).toBe(1);
      await page.goto(`${addressOfRequest(id)}/leave`);
      await page.goBack();
      expect(await typed()).toEqual(['eu', '12345678', true]);
    },
  );

  test('a request by OpenID Connect leads through the pages and back to the party, at its own origin', async () => {
    const [citizen, opened] = [
      await activeCitizen(stack),
      await startGatewayInProcess(stack, { createPages: createFlowPages }),
    ];
    const site = createServer((_request, response) => void response.end('<h1>sede</h1>')).listen(0);
    await once(site, 'listening');
    try {
      const back = `http://localhost:${(site.address() as AddressInfo).port}/back`;
      const party = await registerOidcParty(stack, opened, { registration: { redirectUris: [back] } });
      const { address, state } = await authorizationRequest(party, { ui_locales: 'es' });
      const page = await chromium.openPage();
      await page.goto(address.href);
      await signInAtGateway(page, citizen, { means: 'password-sms', password: goodPassword });
      await submitForm(page, { otp: await citizen.otp(2) });
      await page.locator('main form button[type=submit]').click();
      await page.waitForURL((url) => url.href.startsWith(back));
      const { searchParams } = new URL(page.url());
      expect([searchParams.get('state'), Boolean(searchParams.get('code'))]).toEqual([state, true]);
    } finally {
      site.close();
      await opened.stop();
    }
  });

  test('two minutes before the end a warning says so, and does not offer what is not there', async () => {
    const id = gateway.requests.start(await registerParty(stack));
    const page = await chromium.openPage({ locale: 'es-ES' });
    await page.clock.install();
    await page.goto(addressOfRequest(id));
    await page.locator('main [name="nationalId"]').fill('12345678');
    const dialog = page.locator('dialog[open]');
    await page.clock.fastForward('27:30');
    expect(await dialog.count()).toBe(0);
    await page.clock.fastForward('01:00');
    await dialog.waitFor();
    expect(await dialog.locator('h2').innerText()).toBe(t('time-limit.fixed'));
    expect(await dialog.locator('button:visible').allInnerTexts()).toEqual([t('time-limit.close')]);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await page.locator('main [name="nationalId"]').inputValue()).toBe('12345678');
    await page.clock.fastForward('02:00');
    await dialog.waitFor();
    expect(await page.locator('[data-time-left]').innerText()).toBe(t('gateway.ended.timed-out-text'));
  });

  test('the whole way works with the keyboard', async () => {
    const citizen = await activeCitizen(stack);
    const id = gateway.requests.start(await registerParty(stack, { floor: 'substantial' }));
    const page = await chromium.openPage({ locale: 'es-ES' });
    await page.goto(addressOfRequest(id));
    await signInAtGateway(page, citizen, { means: 'password-sms', password: goodPassword });
    await page.locator('#otp').focus();
    await page.keyboard.type(await citizen.otp(2));
    await navigate(page, () => page.keyboard.press('Enter'));
    for (let times = 0; times < 30; times += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate('Boolean(document.activeElement.closest("main form"))')) break;
    }
    await navigate(page, () => page.keyboard.press('Enter'));
    expect(gateway.requests.ended.get(id)).toMatchObject({ level: 'substantial' });
  });
});
