import type { Page } from 'playwright-core';
import type { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { submitForm } from './browser.ts';

/** Submits the form of the activation or the password reset. */
export const enterCode = (
  page: Page,
  citizen: Citizen,
  activationCode = citizen.activationCode,
): Promise<void> => {
  const { nationalId, email } = citizen.data;
  return submitForm(page, { nationalId, email, activationCode });
};

/** Submits an SMS code: the `number`th that the citizen's phone has received. */
export const enterOtp = async (page: Page, citizen: Citizen, number = 1): Promise<void> =>
  submitForm(page, { otp: await citizen.otp(number) });

/** Submits a new password, repeated, and accepts the duties. */
export const choosePassword = (page: Page, password = goodPassword): Promise<void> =>
  submitForm(page, { newPassword: password, repeat: password, accept: true });

/** Activates: from the activation code to the new password. */
export async function activate(page: Page, citizen: Citizen, language = 'es'): Promise<void> {
  await page.goto(`/${language}/activation`);
  await enterCode(page, citizen);
  await enterOtp(page, citizen);
  await choosePassword(page);
}

/** Signs in; with `reinforced` up to the page that asks for the SMS code. */
export async function signInAt(
  page: Page,
  { data: { nationalId } }: Pick<Citizen, 'data'>,
  { password = goodPassword, language = 'es', reinforced = false } = {},
): Promise<void> {
  await page.goto(`/${language}/sign-in`);
  await submitForm(page, { nationalId, password, ...(reinforced && { reinforced: true as const }) });
}
