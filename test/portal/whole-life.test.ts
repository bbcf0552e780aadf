import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { wordings } from '../../portal/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { heading, type Portal, startPortal, submitForm } from '../browser/browser.ts';
import { describeInBrowser } from '../browser/in-browser.ts';
import { activate, choosePassword, enterCode, enterOtp, signInAt } from '../browser/portal-steps.ts';
import { languagesTried } from '../browser/tested-languages.ts';
import { MovableClock } from '../environment/movable-clock.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const twoYearsMs = 2 * 366 * 86_400_000;
const third = 'Hiela-Poco-99';
const fourth = 'Truena_Algo7';

describeInBrowser('the whole life of a password', () => {
  let stack: Stack;
  let portal: Portal;
  const clock = new MovableClock();
  beforeAll(async () => {
    stack = await startStack({ clock });
    portal = await startPortal(stack);
  });
  afterAll(async () => {
    await portal?.stop();
    await stack?.stop();
  });

  // With and without JavaScript by turns.
  test.each(languagesTried.map((language, index) => ({ language, scripts: index % 2 === 0 })))(
    'from the desk to the unsubscription in $language (scripts: $scripts)',
    async ({ language, scripts }) => {
      const t = wordings[language];
      const page = await portal.openPage({ scripts });
      const at = (path: string) => page.goto(`/${language}/${path}`);
      const person = new Citizen(stack);
      const { nationalId, email, phone } = person.data;

      await at('desk');
      await submitForm(page, { key: stack.officeKey });
      await at('desk/registration');
      await submitForm(page, { nationalId, email, phone, givenName: 'Ana', firstSurname: 'Pi' });
      person.activationCode = await page.locator('[data-activation-code]').innerText();

      await activate(page, person, language);
      expect(await heading(page)).toContain(t('done.activated'));
      await signInAt(page, person, { language });
      expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Ana' }));

      await at('password-change');
      await submitForm(page, {
        currentPassword: goodPassword,
        newPassword: otherPassword,
        repeat: otherPassword,
      });
      await enterOtp(page, person, 2);
      expect(await heading(page)).toContain(t('done.password-set'));

      clock.pass(twoYearsMs);
      await signInAt(page, person, { language, password: otherPassword });
      expect(await page.locator('main').innerText()).toContain(t('otp.renewal'));
      await enterOtp(page, person, 3);
      await choosePassword(page, third);
      clock.reset();
      expect(await heading(page)).toContain(t('done.password-set'));

      await at('password-reset');
      await enterCode(page, person);
      await enterOtp(page, person, 4);
      await choosePassword(page, fourth);
      expect(await heading(page)).toContain(t('done.password-set'));

      await signInAt(page, person, { language, password: fourth });
      await at('unsubscription');
      await submitForm(page, { confirm: true });
      await enterOtp(page, person, 5);
      expect(await heading(page)).toContain(t('done.unsubscribed'));
    },
  );
});
