import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Citizen } from '../actors/citizen.ts';
import { type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { Keyboard } from '../browser/keyboard.ts';
import { activate, enterCode, enterOtp } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('other than in the colours of a screen', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack();
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  // There no shadow and no background is painted: an outline is left, or a border.
  test('in the forced colours of a system the focus is seen on every control', async () => {
    const page = await portal.openPage({
      reducedMotion: 'reduce',
      forcedColors: 'active',
      colorScheme: 'dark',
    });
    const keyboard = new Keyboard(page);
    const faults: string[] = [];
    for (const path of ['/es', '/es/sign-in', '/es/offices', '/es/desk/sign-in']) {
      await page.goto(path);
      faults.push(...(await keyboard.faults()));
    }
    await submitForm(page, { key: stack.officeKey });
    await page.goto('/es/desk/registration');
    faults.push(...(await keyboard.faults()));
    const citizen = await new Citizen(stack).register();
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    faults.push(...(await keyboard.faults()));
    await enterOtp(page, citizen);
    faults.push(...(await keyboard.faults()));
    expect(faults).toEqual([]);
  });

  test('on paper there is the content alone, dark on nothing, whatever the scheme of the screen', async () => {
    const page = await portal.openPage({ colorScheme: 'dark' });
    await activate(page, await new Citizen(stack).register());
    await page.emulateMedia({ media: 'print' });
    const style = (selector: string, property: string, pseudo = '') =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector(${JSON.stringify(selector)}), '${pseudo}').getPropertyValue('${property}')`,
      );
    for (const selector of ['.clave-header', 'main h1'])
      expect([selector, await style(selector, 'background-color')]).toEqual([selector, 'rgba(0, 0, 0, 0)']);
    for (const selector of ['main h1', 'main p', '.clave-header__home'])
      expect([selector, luminance(await style(selector, 'color')) < 0.1]).toEqual([selector, true]);
    await expectHidden(page, ['.govuk-service-navigation', '.govuk-language-navigation', '.govuk-footer']);
    // A path says nothing on paper.
    expect(await style('main a[href^="/"]', 'content', '::after')).toBe('none');

    await page.emulateMedia({ media: 'screen' });
    await page.goto('/es/desk');
    await submitForm(page, { key: stack.officeKey });
    await page.emulateMedia({ media: 'print' });
    await expectHidden(page, ['.clave-desk', '.govuk-service-navigation']);
  });
});

const expectHidden = async (page: Page, selectors: readonly string[]): Promise<void> => {
  for (const selector of selectors)
    expect([selector, await page.locator(selector).first().isVisible()]).toEqual([selector, false]);
};

/** Of `rgb(r, g, b)`: 0 is black, 1 is white. */
const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map((part) => Number(part) / 255);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
