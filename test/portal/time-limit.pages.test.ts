import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { fill, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { Keyboard } from '../browser/keyboard.ts';
import { enterCode, signInAt } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;
const dialog = 'dialog[open]';
const goOn = '[data-go-on]';

describeInBrowser('two minutes before the time runs out', () => {
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
  /** A browser whose clock is moved forward; that of the service is not. */
  const openPage = async () => {
    const page = await portal.openPage();
    await page.clock.install();
    const asked: string[] = [];
    page.on(
      'request',
      (request) => /\/(extension|session)$/.test(request.url()) && asked.push(request.method()),
    );
    return { page, keyboard: new Keyboard(page), asked };
  };
  const leave = (page: Page, minutes: string) => page.clock.fastForward(minutes);
  const atDesk = async (page: Page) => {
    await page.goto('/es/desk');
    await submitForm(page, { key: stack.officeKey });
    await page.goto('/es/desk/registration');
  };

  test.each(['a citizen', 'an officer'])('%s is warned, and goes on with what was typed', async (who) => {
    const { page, keyboard, asked } = await openPage();
    const isOfficer = who === 'an officer';
    if (isOfficer) await atDesk(page);
    else {
      await signInAt(page, await activeCitizen(stack));
      await page.goto('/es/password-change');
    }
    const name = isOfficer ? 'email' : 'currentPassword';
    await fill(page, { [name]: 'typed before' });
    await leave(page, '12:00');
    expect(await page.locator(dialog).count()).toBe(0);
    await leave(page, '01:01');
    await page.waitForSelector(dialog);
    expect(await page.locator(`${dialog} h2`).innerText()).toBe(t('time-limit.title'));
    expect(await page.locator('[data-time-left]').innerText()).toMatch(/Quedan? \d+ (minuto|segundo)/);
    expect(await keyboard.isAt(goOn)).toBe(true);
    expect(asked).toEqual([]);
    await keyboard.press('Enter');
    await page.waitForSelector(dialog, { state: 'detached' });
    expect(asked).toEqual(['POST']);
    // The dialog gives the focus back.
    expect(await keyboard.isAt(`#${name}`)).toBe(true);
    expect(await page.inputValue(`#${name}`)).toBe('typed before');
    // The time begins anew.
    await leave(page, '12:00');
    expect(await page.locator(dialog).count()).toBe(0);
    await leave(page, '01:01');
    await page.waitForSelector(dialog);
    // Who closes the warning is told of the end all the same.
    await keyboard.press('Escape');
    await leave(page, '02:00');
    await page.waitForSelector(dialog);
    const over = t(isOfficer ? 'desk.ended' : 'time-limit.over');
    expect(await page.locator('[data-time-left]').innerText()).toBe(over);
    expect(await page.locator(goOn).isVisible()).toBe(false);
    expect(await page.inputValue(`#${name}`)).toBe('typed before');
  });

  test('a citizen in the middle of a journey is warned, and goes on with what was typed', async () => {
    const [citizen, { page, keyboard }] = [await new Citizen(stack).register(), await openPage()];
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    await citizen.otp();
    await fill(page, { otp: '123' });
    const until = await page.locator('[data-until]').innerText();
    await leave(page, '28:30');
    await page.waitForSelector(dialog);
    await keyboard.press('Enter');
    await page.waitForSelector(dialog, { state: 'detached' });
    expect(await page.inputValue('#otp')).toBe('123');
    expect(await page.locator('[data-until]').innerText()).not.toBe(until);
  });
});
