import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { lookUp } from '../actors/office.ts';
import { heading, type Portal, startPortal } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { Keyboard } from '../browser/keyboard.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;
const submit = 'main button[type=submit]';

describeInBrowser('with the keyboard alone', () => {
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
  /** Opens a page, and returns what checks and uses it. */
  const open = async (path: string) => {
    const page = await portal.openPage({ reducedMotion: 'reduce' });
    await page.goto(path);
    return { page, keyboard: new Keyboard(page) };
  };
  /** The page that has just been opened: its heading, and that Tab goes through all of it. */
  const expectPage = async (page: Page, keyboard: Keyboard, title: string) => {
    expect([await heading(page), await keyboard.faults()]).toEqual([title, []]);
  };

  test('a citizen activates, from the home page to the new password', async () => {
    const citizen = await new Citizen(stack).register();
    const { nationalId, email } = citizen.data;
    const { page, keyboard } = await open('/es');
    await expectPage(page, keyboard, 'Cl@ve Permanente');
    await keyboard.tabTo('main a[href="/es/activation"]');
    await keyboard.follow();
    await expectPage(page, keyboard, t('page.activation'));

    // The skip link comes first; what follows it is in the content.
    await page.reload();
    await keyboard.press('Tab');
    expect(await keyboard.isAt('.govuk-skip-link')).toBe(true);
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    expect(await keyboard.isAt('#nationalId')).toBe(true);

    // An empty form: the errors get the focus, and each leads to its field.
    await keyboard.follow();
    expect(await keyboard.isAt('.govuk-error-summary')).toBe(true);
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    expect(await keyboard.isAt('#email')).toBe(true);
    await expectPage(page, keyboard, t('page.activation'));

    await keyboard.fill('#nationalId', nationalId);
    await keyboard.fill('#email', email);
    await keyboard.fill('#activationCode', citizen.activationCode);
    await keyboard.tabTo(submit);
    await keyboard.press('Shift+Tab');
    expect(await keyboard.isAt('#activationCode')).toBe(true);
    await keyboard.tabTo(submit);
    await keyboard.follow('Space');

    const otp = await citizen.otp();
    await expectPage(page, keyboard, t('otp.title'));
    await keyboard.fill('#otp', otp);
    await keyboard.follow();

    await expectPage(page, keyboard, t('new-password.title'));
    await keyboard.fill('#newPassword', goodPassword);
    await keyboard.press('Tab');
    await keyboard.press('Space');
    expect(await page.getAttribute('#newPassword', 'type')).toBe('text');
    await keyboard.fill('#repeat', goodPassword);
    await keyboard.tabTo('summary');
    await keyboard.press('Enter');
    expect(await page.locator('details').getAttribute('open')).not.toBeNull();
    await keyboard.tabTo('[name=accept]');
    await keyboard.press('Space');
    await keyboard.tabTo(submit);
    await keyboard.follow();
    await expectPage(page, keyboard, t('done.activated'));
  });

  test('an officer registers, hands over a receipt, suspends and leaves', async () => {
    const citizen = new Citizen(stack);
    const { nationalId, email, phone } = citizen.data;
    const { page, keyboard } = await open('/es/desk');
    await expectPage(page, keyboard, t('page.desk'));
    await keyboard.fill('#key', 'wrong');
    await keyboard.follow();
    expect(await keyboard.isAt('.govuk-error-summary')).toBe(true);
    await keyboard.fill('#key', stack.officeKey);
    await keyboard.follow();
    await expectPage(page, keyboard, t('page.desk'));

    await keyboard.tabTo('main a[href="/es/desk/registration"]');
    await keyboard.follow();
    await expectPage(page, keyboard, t('desk.register'));
    const fields = { nationalId, givenName: 'Ana', firstSurname: 'Pi', email, phone };
    for (const [name, value] of Object.entries(fields)) await keyboard.fill(`#${name}`, value);
    await keyboard.tabTo('#language');
    await keyboard.press('ArrowDown');
    const language = await page.inputValue('#language');
    expect(language).not.toBe('es');
    await keyboard.tabTo(submit);
    await keyboard.follow();
    await expectPage(page, keyboard, t('desk.review'));
    await keyboard.tabTo(submit);
    await keyboard.follow();
    await expectPage(page, keyboard, t('desk.registered'));
    const opened = page.context().waitForEvent('page');
    await keyboard.tabTo('main a[href$="/receipt"]');
    await keyboard.press('Enter');
    await (await opened).close();

    await keyboard.tabTo('main a[href="/es/desk"]');
    await keyboard.follow();
    await keyboard.tabTo('main a[href="/es/desk/citizen"]');
    await keyboard.follow();
    await expectPage(page, keyboard, t('desk.find'));
    await keyboard.fill('#nationalId', nationalId);
    await keyboard.follow();
    await expectPage(page, keyboard, 'Ana Pi');
    await keyboard.tabTo('main a[href$="/suspension"]');
    await keyboard.follow('Space');
    await expectPage(page, keyboard, t('desk.suspend-confirm'));
    await keyboard.tabTo(submit);
    await keyboard.follow();
    expect(await keyboard.isAt('.govuk-error-summary')).toBe(true);
    await keyboard.fill('#reason', 'Teléfono perdido');
    await keyboard.tabTo(submit);
    await keyboard.follow();
    await expectPage(page, keyboard, t('desk.suspended'));
    expect((await lookUp(stack, citizen)).body.status).toBe('suspended');

    await keyboard.tabTo('.clave-desk button');
    await keyboard.follow();
    await expectPage(page, keyboard, t('page.desk'));
    expect(page.url()).toMatch(/desk\/sign-in$/);
  });
});
