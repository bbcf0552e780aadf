import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../portal/views/wording.ts';
import { goodPassword, otherPassword } from '../actors/front-end.ts';
import { activePerson, atOffice, blockPassword, signIn, wrongPassword } from '../actors/signed-in.ts';
import { errors, heading, type Site, send, startSite } from '../browser/browser.ts';
import { inBrowser } from '../browser/in-browser.ts';
import { choosePassword, enterCode, enterOtp, signInAt } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const say = wordings.es;

inBrowser.each([true, false])('in a browser, with scripts %s,', (scripts) => {
  let stack: Stack;
  let site: Site;
  beforeAll(async () => {
    stack = await startStack();
    site = await startSite(stack);
  });
  afterAll(async () => {
    await site?.stop();
    await stack?.stop();
  });

  test('a citizen signs in, sees how their Cl@ve stands and signs out', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await signInAt(page, person, { password: wrongPassword });
    expect((await errors(page))[0]).toContain('No ha sido posible identificarle');
    await signInAt(page, person);
    const told = await page.locator('main').innerText();
    for (const text of ['Begoña Etxeberria', '•••••', say('my-clave.first-access')])
      expect(told).toContain(text);
    await send(page);
    expect(await page.locator('main').innerText()).toContain(say('sign-in.signed-out'));
    await page.goto('/es/my-clave');
    expect(page.url()).toMatch(/sign-in\?why=needed$/);
  });

  test('signing in can be reinforced with an SMS code', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await signInAt(page, person, { reinforced: true });
    expect(await page.locator('main').innerText()).toContain(say('kind.sign-in'));
    await enterOtp(page, person, 2);
    expect(await page.locator('main').innerText()).toContain(say('my-clave.reinforced'));
  });

  test('the password is changed with the current one and an SMS code', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await signInAt(page, person);
    await page.goto('/es/password-change');
    const entry = { newPassword: otherPassword, repeat: otherPassword };
    await send(page, { currentPassword: wrongPassword, ...entry });
    expect((await errors(page))[0]).toContain('La contraseña actual no es correcta');
    await send(page, { currentPassword: goodPassword, newPassword: 'corta', repeat: 'corta' });
    expect((await errors(page))[0]).toBe('Utilice al menos 8 caracteres.');
    await send(page, { currentPassword: goodPassword, ...entry });
    expect(await page.locator('main').innerText()).toContain(say('kind.password-change'));
    await enterOtp(page, person, 2);
    expect(await heading(page)).toBe(say('done.password-set'));
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('a blocked password is set anew with the retained code', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await blockPassword(stack, person);
    await page.goto('/es/password-reset');
    await enterCode(page, person);
    expect(await page.locator('main').innerText()).toContain(say('kind.password-reset'));
    await enterOtp(page, person, 2);
    await choosePassword(page, otherPassword);
    expect(await heading(page)).toBe(say('done.password-set'));
    await signInAt(page, person, { password: otherPassword });
    expect(await heading(page)).toBe(say('my-clave.hello', { name: 'Begoña' }));
  });

  test('unsubscribing asks twice and says what it means', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await signInAt(page, person);
    await page.goto('/es/unsubscription');
    await send(page);
    expect(await errors(page)).toEqual([say('error.confirm.required')]);
    await send(page, { confirm: true });
    await enterOtp(page, person, 2);
    expect(await heading(page)).toBe(say('done.unsubscribed'));
    await signInAt(page, person);
    expect((await errors(page))[0]).toContain('No ha sido posible identificarle');
  });

  test('a session that the service has ended leads to signing in again', async () => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await signInAt(page, person);
    await atOffice(stack, '/suspensions', person);
    await page.goto('/es/password-change');
    const entry = { currentPassword: goodPassword, newPassword: otherPassword, repeat: otherPassword };
    await send(page, entry);
    expect(page.url()).toMatch(/sign-in\?why=ended$/);
    expect(await page.locator('main').innerText()).toContain(say('sign-in.ended'));
  });
});

inBrowser('an expired password in a browser', () => {
  let stack: Stack;
  let site: Site;
  beforeAll(async () => {
    stack = await startStack({ policy: { passwordLife: 'PT2S', passwordReminders: [] } });
    site = await startSite(stack);
  });
  afterAll(async () => {
    await site?.stop();
    await stack?.stop();
  });

  test.each([true, false])('leads to its renewal and to nothing else (scripts: %s)', async (scripts) => {
    const [person, page] = [await activePerson(stack), await site.visit({ scripts })];
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await signInAt(page, person);
    expect(await page.locator('main').innerText()).toContain(say('otp.renewal'));
    await enterOtp(page, person, 2);
    expect(await page.locator('main').innerText()).toContain(say('kind.renewal'));
    await choosePassword(page, otherPassword);
    expect(await heading(page)).toBe(say('done.password-set'));
    expect(await page.locator('main').innerText()).toContain(say('done.keep-code'));
  });
});
