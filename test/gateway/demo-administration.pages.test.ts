import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createFlowPages } from '../../gateway/flow/create-flow-pages.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { axeViolations, horizontalOverflow } from '../browser/axe.ts';
import { launchBrowser, navigate, type PageBrowser, submitForm } from '../browser/browser.ts';
import { signInAtGateway } from '../browser/gateway-states.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { type DemoInProcess, startDemoInProcess } from '../environment/demo-in-process.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

/** Where pictures of the site go, if they are asked for. */
const pictures = process.env['CLAVE_PICTURES'];

describeInBrowser('the demo administration', () => {
  let stack: Stack;
  let gateway: GatewayInProcess;
  let demo: DemoInProcess;
  let chromium: PageBrowser;
  beforeAll(async () => {
    stack = await startStack();
    gateway = await startGatewayInProcess(stack, { createPages: createFlowPages });
    demo = await startDemoInProcess(stack, gateway);
    chromium = await launchBrowser(demo.url);
  });
  afterAll(async () => {
    await chromium?.browser.close();
    await demo?.stop();
    await gateway?.stop();
    await stack?.stop();
  });

  const picture = async (page: Page, name: string) => {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  };
  const isAtDemo = (page: Page) => page.url().startsWith(demo.url);
  /** A page of the demo, looked at. */
  const look = async (page: Page, name: string, scripts: boolean) => {
    expect(isAtDemo(page)).toBe(true);
    await picture(page, name);
    expect(await horizontalOverflow(page)).toBeLessThanOrEqual(0);
    if (scripts) expect(await axeViolations(page)).toEqual([]);
  };

  test.each([
    ['es', 1280, true],
    ['eu', 320, false],
  ] as const)(
    'leads to the gateway and back, in %s, %d pixels wide, scripts %p',
    async (language, width, scripts) => {
      const page = await chromium.openPage({ scripts, viewport: { width, height: 700 } });
      const citizen = await activeCitizen(stack);
      const name = (state: string) => `${state}-${language}-${width}`;
      const confirm = async () => {
        await submitForm(page);
        await page.waitForURL((url) => url.href.startsWith(demo.url));
      };

      await page.goto('/');
      await look(page, name('start'), scripts);
      await page.selectOption('[name="language"]', language);
      await navigate(page, () => page.getByRole('button', { name: 'Identify with Cl@ve' }).click());
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      await picture(page, name('sign-in'));
      await signInAtGateway(page, citizen, { password: goodPassword });
      await picture(page, name('confirmation'));
      await confirm();
      await look(page, name('result'), scripts);
      expect(await page.locator('main').innerText()).toContain(citizen.data.nationalId);
      expect(await page.locator('[role=status]').innerText()).toContain('Reached: low');

      await navigate(page, () =>
        page.getByRole('button', { name: 'Identify anew with substantial' }).click(),
      );
      await signInAtGateway(page, citizen, { means: 'password-sms', password: goodPassword });
      await submitForm(page, { otp: await citizen.otp(2) });
      await confirm();
      expect(await page.locator('[role=status]').innerText()).toContain('Reached: substantial');

      await navigate(page, () => page.getByRole('button', { name: 'Sign out' }).click());
      await look(page, name('signed-out'), scripts);
      expect(await page.locator('main').innerText()).toContain('You are signed out here');

      await page.goto('/');
      await page.check('[name="level"][value="high"]');
      await navigate(page, () => page.getByRole('button', { name: 'Identify with Cl@ve' }).click());
      await picture(page, name('level-high'));
      await page.goto(`${page.url()}/leave`);
      await confirm();
      await look(page, name('error'), scripts);
      expect(await page.locator('main').innerText()).toContain('access_denied');
      await page.context().close();
    },
  );
});
