import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { wordings } from '../../web/views/wording.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { suspend } from '../actors/office.ts';
import { blockPassword, signIn } from '../actors/sessions.ts';
import { errorSummary, heading, navigate, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { choosePassword, enterCode, enterOtp, signInAt } from '../browser/portal-steps.ts';
import { addSignOuts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const t = wordings.es;

describeInBrowser('in a browser', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack({ own: true });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  describe.each([true, false])('with scripts %s,', (scripts) => {
    test('a citizen signs in, sees how their Cl@ve stands and signs out', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      await signInAt(page, citizen, { password: wrongPassword });
      expect((await errorSummary(page))[0]).toContain('No ha sido posible identificarle');
      await signInAt(page, citizen);
      const overview = await page.locator('main').innerText();
      for (const text of ['Begoña Etxeberria Núñez', '•••••', t('my-clave.first-access')])
        expect(overview).toContain(text);
      // There is no access before the first one that could be somebody else's.
      expect(overview).not.toContain('acceso anterior, cambie');
      await submitForm(page);
      expect(await page.locator('main').innerText()).toContain(t('sign-in.signed-out'));
      await page.goto('/es/my-clave');
      expect(page.url()).toMatch(/sign-in\?why=needed$/);
    });

    test('a citizen sees the activity, does not recognise it, and sets another password', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      const follow = (name: string) =>
        navigate(page, () => page.locator(`main a[href="/es/${name}"]`).first().click());
      await addSignOuts(stack, citizen.citizenId, 30);
      await signInAt(page, citizen);
      await follow('activity');
      const latest = await page.locator('main').innerText();
      for (const text of ['activity.event.signed-in', 'activity.means.password', 'activity.earlier'] as const)
        expect(latest).toContain(t(text));
      expect(latest).toMatch(/\d:\d\d \(hora peninsular\)/);
      await navigate(page, () => page.locator('main a[rel=next]').click());
      expect(await page.locator('main time').count()).toBeGreaterThan(10);
      await follow('not-me');
      await submitForm(page);
      expect(await heading(page)).toBe(t('not-me.done'));
      expect(await page.locator('main').innerText()).toContain(t('not-me.done-organisations'));
      await page.goto('/es/activity');
      expect(page.url()).toMatch(/sign-in\?why=needed&next=activity$/);
      await signInAt(page, citizen);
      expect((await errorSummary(page))[0]).toContain('No ha sido posible identificarle');
      await page.goto('/es/not-me/done');
      await follow('password-reset');
      await enterCode(page, citizen);
      await enterOtp(page, citizen, 2);
      await choosePassword(page, otherPassword);
      expect(await heading(page)).toBe(t('done.password-set'));
    });

    test('signing in can be reinforced with an SMS code', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      await signInAt(page, citizen, { reinforced: true });
      expect(await page.locator('main').innerText()).toContain(t('kind.sign-in'));
      await enterOtp(page, citizen, 2);
      expect(await page.locator('main').innerText()).toContain(t('my-clave.reinforced'));
    });

    test('the password is changed with the current one and an SMS code', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      // Signing in leads back to the page that was asked for.
      await page.goto('/es/password-change');
      expect(await page.locator('main').innerText()).toContain(t('sign-in.needed'));
      await submitForm(page, { nationalId: citizen.data.nationalId, password: goodPassword });
      expect(await heading(page)).toBe(t('page.password-change'));
      const entry = { newPassword: otherPassword, repeat: otherPassword };
      await submitForm(page, { currentPassword: wrongPassword, ...entry });
      expect((await errorSummary(page))[0]).toContain('La contraseña actual no es correcta');
      await submitForm(page, { currentPassword: goodPassword, newPassword: 'corta', repeat: 'corta' });
      expect((await errorSummary(page))[0]).toBe('Utilice al menos 8 caracteres.');
      expect(await page.getAttribute('[data-rule=too-short]', 'data-state')).toBe('broken');
      await submitForm(page, { currentPassword: goodPassword, ...entry });
      expect(await page.locator('main').innerText()).toContain(t('kind.password-change'));
      await enterOtp(page, citizen, 2);
      expect(await heading(page)).toBe(t('done.password-set'));
      // This session goes on, and the page says so.
      expect(await page.locator('main').innerText()).toContain(t('done.other-sessions-ended'));
      await page.goto('/es/my-clave');
      expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Begoña' }));
      expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    });

    test('a blocked password is set anew with the retained code', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      await blockPassword(stack, citizen);
      await page.goto('/es/password-reset');
      await enterCode(page, citizen);
      expect(await page.locator('main').innerText()).toContain(t('kind.password-reset'));
      await enterOtp(page, citizen, 2);
      await choosePassword(page, otherPassword);
      expect(await heading(page)).toBe(t('done.password-set'));
      await signInAt(page, citizen, { password: otherPassword });
      expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Begoña' }));
    });

    test('unsubscribing asks twice and says what it means', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      await signInAt(page, citizen);
      await page.goto('/es/unsubscription');
      await submitForm(page);
      expect(await errorSummary(page)).toEqual([t('error.confirm.required')]);
      await submitForm(page, { confirm: true });
      await enterOtp(page, citizen, 2);
      expect(await heading(page)).toBe(t('done.unsubscribed'));
      expect(await page.locator('nav a[href="/es/my-clave"]').count()).toBe(0);
      await signInAt(page, citizen);
      expect((await errorSummary(page))[0]).toContain('No ha sido posible identificarle');
    });

    test('a session that the service has ended leads to signing in again', async () => {
      const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
      await signInAt(page, citizen);
      await page.goto('/es/password-change');
      await suspend(stack, citizen);
      const entry = { currentPassword: goodPassword, newPassword: otherPassword, repeat: otherPassword };
      await submitForm(page, entry);
      expect(page.url()).toMatch(/sign-in\?why=ended&next=password-change$/);
      expect(await page.locator('main').innerText()).toContain(t('sign-in.ended'));
    });
  });
});

describeInBrowser('an expired password in a browser', () => {
  let stack: Stack;
  let portal: Portal;
  beforeAll(async () => {
    stack = await startStack({ policy: { passwordLife: 'PT2S', passwordReminders: [] } });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  test.each([true, false])('leads to its renewal and to nothing else (scripts: %s)', async (scripts) => {
    const [citizen, page] = [await activeCitizen(stack), await portal.openPage({ scripts })];
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    await signInAt(page, citizen);
    expect(await page.locator('main').innerText()).toContain(t('otp.renewal'));
    await enterOtp(page, citizen, 2);
    expect(await page.locator('main').innerText()).toContain(t('kind.renewal'));
    await choosePassword(page, otherPassword);
    expect(await heading(page)).toBe(t('done.password-set'));
    expect(await page.locator('main').innerText()).toContain(t('done.keep-code'));
  });
});
