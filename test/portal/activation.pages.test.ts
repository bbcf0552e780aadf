import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { languages } from '../../domain/languages.ts';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode, wrongOtp } from '../actors/credentials.ts';
import { errorSummary, heading, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { activate, choosePassword, enterCode, enterOtp, signInAt } from '../browser/portal-steps.ts';
import { type Stack, startStack } from '../environment/stack.ts';

describeInBrowser('activating in a browser', () => {
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
  const register = (language = 'es') => new Citizen(stack, { language }).register();

  test.each(languages)('goes from the code to the password in %s without JavaScript', async (language) => {
    const [citizen, page] = [await register(language), await portal.openPage({ scripts: false })];
    const t = wordings[language];
    await activate(page, citizen, language);
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    expect(await heading(page)).toContain(t('done.activated'));
    await signInAt(page, citizen, { language });
    expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Begoña' }));
  });

  test.each([true, false])(
    'says what is wrong with each field, and keeps what was right (scripts: %s)',
    async (scripts) => {
      const [citizen, page] = [await register(), await portal.openPage({ scripts })];
      const t = wordings.es;
      await page.goto('/es/activation');
      await submitForm(page);
      expect(await errorSummary(page)).toEqual(
        (['nationalId', 'email', 'activationCode'] as const).map((field) => t(`error.${field}.required`)),
      );
      expect(await page.title()).toMatch(/^Error: /);
      await submitForm(page, { nationalId: '12345678A', email: citizen.data.email, activationCode: 'no' });
      expect(await errorSummary(page)).toEqual([
        t('error.nationalId.check-letter'),
        t('error.activationCode.invalid-format'),
      ]);
      expect(await page.inputValue('#email')).toBe(citizen.data.email);
      // The summary links to the field.
      await page.locator('.govuk-error-summary a').first().click();
      if (scripts) expect(await page.evaluate('document.activeElement.id')).toBe('nationalId');
    },
  );

  test('tells of wrong codes in the words of the API, and after the sixth that the code is blocked', async () => {
    const [citizen, page] = [await register(), await portal.openPage()];
    await page.goto('/es/activation');
    for (let wrong = 0; wrong < 5; wrong += 1) {
      await enterCode(page, citizen, wrongCode);
      expect((await errorSummary(page))[0]).toContain('Los datos introducidos no son correctos');
    }
    await enterCode(page, citizen, wrongCode);
    expect(await heading(page)).toBe(wordings.es('blocked.title'));
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    expect(await heading(page)).toBe(wordings.es('blocked.title'));
  });

  test('a wrong SMS code costs one of the entries that are left; the last wrong one ends the journey', async () => {
    const [citizen, page] = [await register(), await portal.openPage()];
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    const otp = wrongOtp(await citizen.otp());
    for (const left of [2, 1, 0]) {
      await submitForm(page, { otp });
      expect(await page.locator('main').innerText()).toContain(wordings.es('otp.attempts', { left }));
      expect((await errorSummary(page))[0]).toContain('El código introducido no es correcto');
    }
    await submitForm(page, { otp });
    expect(await heading(page)).toBe(wordings.es('ended.too-many-otps'));
  });

  test('two minutes before the time runs out the page warns, and gives more with one key', async () => {
    const [citizen, page] = [await register(), await portal.openPage()];
    await page.clock.install();
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    const dialog = page.locator('dialog');
    await page.clock.runFor('27:00');
    expect(await dialog.isVisible()).toBe(false);
    await page.clock.runFor('01:30');
    expect(await dialog.innerText()).toContain(wordings.es('time-limit.title'));
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe(
      wordings.es('time-limit.go-on'),
    );
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    const { startedAt, expiresAt } = await stack.db.prisma.journey.findFirstOrThrow({
      where: { citizenId: citizen.citizenId },
    });
    expect(expiresAt.getTime() - startedAt.getTime()).toBe(60 * 60_000);
  });

  test('the page counts down to the expiry of the SMS code, and then says that it is over', async () => {
    const [citizen, page] = [await register(), await portal.openPage()];
    await page.clock.install();
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    const text = () => page.locator('[data-expires]').innerText();
    await page.clock.runFor('08:20');
    // A machine that is slow has come further: seconds, not minutes, in the end.
    expect(await text()).toMatch(/Quedan? \d+ (?:minutos?|segundos?)\.$/);
    await page.clock.runFor('02:00');
    expect(await text()).toBe(wordings.es('otp.expired'));
  });

  test('a password is refused with the rules that it breaks, and the duties must be accepted', async () => {
    const [citizen, page] = [await register(), await portal.openPage({ scripts: false })];
    await page.goto('/es/activation');
    await enterCode(page, citizen);
    await enterOtp(page, citizen);
    await submitForm(page, { newPassword: 'Llueve-Poco7', repeat: 'Llueve-Poco8' });
    expect(await errorSummary(page)).toEqual([
      wordings.es('error.repeat.mismatch'),
      wordings.es('error.accept.required'),
    ]);
    await choosePassword(page, 'Etxeberria-2030!');
    expect(await errorSummary(page)).toEqual(['No incluya su nombre ni sus apellidos.']);
    await choosePassword(page);
    expect(await heading(page)).toContain(wordings.es('done.activated'));
  });
});
