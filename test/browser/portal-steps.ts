import type { Page } from 'playwright-core';
import type { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { submitForm } from './browser.ts';

/** A citizen's steps through the pages. */
export const enterCode = (
  page: Page,
  citizen: Citizen,
  activationCode = citizen.activationCode,
): Promise<void> => {
  const { nationalId, email } = citizen.data;
  return submitForm(page, { nationalId, email, activationCode });
};

/** Enters the `number`th SMS code that the person's phone has got. */
export const enterOtp = async (page: Page, citizen: Citizen, number = 1): Promise<void> =>
  submitForm(page, { otp: await citizen.otp(number) });

export const choosePassword = (page: Page, password = goodPassword): Promise<void> =>
  submitForm(page, { newPassword: password, repeat: password, accept: true });

/** From the form to the password. */
export async function activate(page: Page, citizen: Citizen, language = 'es'): Promise<void> {
  await page.goto(`/${language}/activation`);
  await enterCode(page, citizen);
  await enterOtp(page, citizen);
  await choosePassword(page);
}

/** Signs in; `reinforced` stops where the SMS code is asked for. */
export async function signInAt(
  page: Page,
  { data: { nationalId } }: Pick<Citizen, 'data'>,
  { password = goodPassword, language = 'es', reinforced = false } = {},
): Promise<void> {
  await page.goto(`/${language}/sign-in`);
  await submitForm(page, { nationalId, password, ...(reinforced && { reinforced: true as const }) });
}
