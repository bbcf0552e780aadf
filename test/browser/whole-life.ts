import { expect } from '@jest/globals';
import type { Language } from '../../domain/languages.ts';
import { wordings } from '../../web/views/wording.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import type { MovableClock } from '../environment/movable-clock.ts';
import type { Stack } from '../environment/stack.ts';
import { heading, type Portal, submitForm } from './browser.ts';
import { activate, choosePassword, enterCode, enterOtp, signInAt } from './portal-steps.ts';

const twoYearsMs = 2 * 366 * 86_400_000;
const thirdPassword = 'Hiela-Poco-99';
const fourthPassword = 'Truena_Algo7';

/** Leads one citizen through the pages from the registration at the desk to the unsubscription. `clock`: the stack's. */
export async function liveWholeLife(
  { stack, portal, clock }: { stack: Stack; portal: Portal; clock: MovableClock },
  { language, scripts }: { language: Language; scripts: boolean },
): Promise<void> {
  const t = wordings[language];
  const page = await portal.openPage({ scripts });
  const at = (path: string) => page.goto(`/${language}/${path}`);
  const citizen = new Citizen(stack);
  const { nationalId, email, phone } = citizen.data;

  await at('desk');
  await submitForm(page, { key: stack.officeKey });
  await at('desk/registration');
  await submitForm(page, { nationalId, email, phone, givenName: 'Ana', firstSurname: 'Pi' });
  await submitForm(page);
  citizen.activationCode = await page.locator('[data-activation-code]').innerText();

  await activate(page, citizen, language);
  expect(await heading(page)).toContain(t('done.activated'));
  await signInAt(page, citizen, { language });
  expect(await heading(page)).toBe(t('my-clave.hello', { name: 'Ana' }));

  await at('password-change');
  await submitForm(page, {
    currentPassword: goodPassword,
    newPassword: otherPassword,
    repeat: otherPassword,
  });
  await enterOtp(page, citizen, 2);
  expect(await heading(page)).toContain(t('done.password-set'));

  clock.advance(twoYearsMs);
  await signInAt(page, citizen, { language, password: otherPassword });
  expect(await page.locator('main').innerText()).toContain(t('otp.renewal'));
  await enterOtp(page, citizen, 3);
  await choosePassword(page, thirdPassword);
  clock.reset();
  expect(await heading(page)).toContain(t('done.password-set'));

  await at('password-reset');
  await enterCode(page, citizen);
  await enterOtp(page, citizen, 4);
  await choosePassword(page, fourthPassword);
  expect(await heading(page)).toContain(t('done.password-set'));

  await signInAt(page, citizen, { language, password: fourthPassword });
  await at('unsubscription');
  await submitForm(page, { confirm: true });
  await enterOtp(page, citizen, 5);
  expect(await heading(page)).toContain(t('done.unsubscribed'));
}
