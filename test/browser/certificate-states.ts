import type { CertificateAct } from '../../portal/certificate/acts.ts';
import { certifiedAs, present } from '../actors/certificates.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { otpOfJourney } from '../actors/journey.ts';
import { submitForm } from './browser.ts';
import type { Walk } from './page-states.ts';

/** The states of the pages for acts with a certificate. */
export const certificateStates = [
  'certificate-presentation',
  'certificate-refused',
  'certificate-registration',
  'certificate-registration-errors',
  'certificate-issued',
  'certificate-confirmation',
  'certificate-new-password',
  'certificate-new-password-errors',
  'certificate-lost',
] as const;

/** Acts with a certificate: the test answers in the place of the listener. */
export async function visitCertificates({ stack, language, page, open, visit }: Walk): Promise<void> {
  const lastPart = (): string => new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const begin = async (act: CertificateAct): Promise<string> => {
    await open('certificate');
    await submitForm(page, {}, `form:has(button[value="${act}"])`);
    return lastPart();
  };
  const comeBack = async (ticket: string, outcome: Parameters<typeof present>[2]): Promise<void> => {
    const { pathname, search } = new URL((await present(stack, ticket, outcome)).body.location);
    await page.goto(`${pathname}${search}`);
  };
  const certified = async (act: CertificateAct, { data }: Citizen): Promise<void> =>
    comeBack(await begin(act), { accepted: certifiedAs(data, 'dnie') });

  const citizen = new Citizen(stack, { language });
  const ticket = await begin('registration');
  await visit('certificate-presentation');
  await comeBack(ticket, { refused: 'none-sent' });
  await visit('certificate-refused');
  await comeBack(ticket, { accepted: certifiedAs(citizen.data, 'dnie') });
  await visit('certificate-registration');
  await submitForm(page);
  await visit('certificate-registration-errors');
  const { email, phone } = citizen.data;
  await submitForm(page, { email, phone, accept: true });
  await submitForm(page, { otp: await otpOfJourney(stack, lastPart()) });
  await visit('certificate-issued');

  const active = await activeCitizen(stack);
  await certified('identification-renewal', active);
  await visit('certificate-confirmation');
  await certified('password-change', active);
  await visit('certificate-new-password');
  await submitForm(page, { newPassword: 'asdf1111', repeat: 'asdf1111' });
  await visit('certificate-new-password-errors');
  await open('certificate/none');
  await visit('certificate-lost');
}
