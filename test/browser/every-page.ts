import type { Page } from 'playwright-core';
import type { Language } from '../../domain/languages.ts';
import { pages } from '../../portal/pages.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { wrongCode, wrongOtp } from '../actors/credentials.ts';
import type { Stack } from '../environment/stack.ts';
import { submitForm } from './browser.ts';
import { choosePassword, enterCode, enterOtp, signInAt } from './portal-steps.ts';

/** What is to be done with each page, and each state of a page, under the name that it has here. */
export type StateVisitor = (page: Page, name: string) => Promise<void>;

/** What anybody can open. */
export const openPages = Object.values(pages).filter(
  (path) => !['my-clave', 'password-change', 'unsubscription'].includes(path) && !path.startsWith('desk'),
);

/** Leads a citizen and an officer through every page and every kind of error, in a language, and shows each. */
export async function visitEveryState(
  stack: Stack,
  language: Language,
  page: Page,
  look: StateVisitor,
): Promise<void> {
  const at = (path: string) => page.goto(`/${language}/${path}`);
  for (const path of openPages) {
    await at(path);
    await look(page, path || 'home');
  }
  await at('nowhere');
  await look(page, 'not-found');
  await citizensPages(stack, language, page, look, at);
  await deskPages(stack, page, look, at);
}

type At = (path: string) => Promise<unknown>;

async function citizensPages(
  stack: Stack,
  language: Language,
  page: Page,
  look: StateVisitor,
  at: At,
): Promise<void> {
  const citizen = await new Citizen(stack, { language }).register();
  await at('activation');
  await submitForm(page);
  await look(page, 'activation-errors');
  await enterCode(page, citizen, wrongCode);
  await look(page, 'activation-refused');
  await enterCode(page, citizen);
  await look(page, 'journey-otp');
  await submitForm(page, { otp: wrongOtp(await citizen.otp()) });
  await look(page, 'journey-otp-error');
  await enterOtp(page, citizen);
  await look(page, 'journey-password');
  await submitForm(page, { newPassword: 'asdf1111', repeat: 'asdf1111' });
  await look(page, 'journey-password-not-accepted');
  await choosePassword(page, 'asdf1111');
  await look(page, 'journey-password-refused');
  await choosePassword(page);
  await look(page, 'journey-done');

  await at('my-clave');
  await look(page, 'sign-in-needed');
  await submitForm(page, {});
  await look(page, 'sign-in-errors');
  await signInAt(page, citizen, { language });
  await look(page, 'my-clave');
  await at('password-change');
  await look(page, 'password-change');
  await submitForm(page);
  await look(page, 'password-change-errors');
  await at('unsubscription');
  await look(page, 'unsubscription');
  await submitForm(page);
  await look(page, 'unsubscription-errors');
  await submitForm(page, { confirm: true });
  await enterOtp(page, citizen, 2);
  await look(page, 'unsubscription-done');

  const other = await activeCitizen(stack);
  await at('password-reset');
  for (let wrong = 0; wrong < 6; wrong += 1) await enterCode(page, other, wrongCode);
  await look(page, 'code-blocked');
  await at('journeys/none');
  await look(page, 'journey-lost');
}

async function deskPages(stack: Stack, page: Page, look: StateVisitor, at: At): Promise<void> {
  await at('desk');
  await look(page, 'desk-sign-in');
  await submitForm(page, { key: 'wrong' });
  await look(page, 'desk-sign-in-refused');
  await submitForm(page, { key: stack.officeKey });
  await look(page, 'desk');
  await at('desk/registration');
  await look(page, 'desk-registration');
  await submitForm(page);
  await look(page, 'desk-registration-errors');
  const { nationalId, email, phone } = new Citizen(stack).data;
  await submitForm(page, { nationalId, email, phone, givenName: 'Łucja', firstSurname: 'Gal·lart' });
  await look(page, 'desk-code');
  await at('desk/citizen');
  await submitForm(page);
  await look(page, 'desk-citizen-errors');
  await submitForm(page, { nationalId });
  await look(page, 'desk-citizen');
  await submitForm(page, {}, 'form:has([value=suspend])');
  await look(page, 'desk-suspension-error');
  await submitForm(page, { reason: '—' }, 'form:has([value=suspend])');
  await look(page, 'desk-suspended');
}
