import { bearer, type Journey, type Problem } from '../../client/client.ts';
import { secondsUntil } from '../../platform/date-texts.ts';
import type { FormError } from '../forms/form-errors.ts';
import { submitForm } from '../forms/submit-form.ts';
import type { JourneyCredential, JourneyPage } from './journey.ts';

interface Answers<Success extends unknown[]> {
  readonly onSuccess: (...success: Success) => void;
  readonly showErrors: (errors: readonly FormError[], problem: Problem) => Promise<void> | void;
}

/** What the page's script counts down: until another code can be sent, and until this one expires. */
export const otpSeconds = ({ resendAfter, expiresAt }: NonNullable<Journey['otp']>) => ({
  waitSeconds: secondsUntil(resendAfter),
  secondsLeft: secondsUntil(expiresAt),
});

/** [clave], "User activation", 2: the code of the SMS. The code of a sign-in opens a session. */
export function submitOtp(
  page: JourneyPage,
  { id, token }: JourneyCredential,
  { onSuccess, showErrors }: Answers<[journey: Journey]>,
): Promise<void> {
  const otp = page.field('otp');
  return submitForm(page, {
    idempotencyParts: ['otp', id, otp],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp', {
        body: { otp },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    // `expired` and `wrong` are reasons of other refusals too.
    textOf: ({ code, reason }) =>
      code === 'otp-refused' && (reason === 'wrong' || reason === 'expired')
        ? page.t(`error.otp.${reason}`)
        : undefined,
    onSuccess: ({ journey }) => onSuccess(journey),
    // 429 and 503 do not concern the entered code: their errors are shown for the whole form.
    fieldOf: ({ status }) => (status < 429 ? 'otp' : undefined),
    showErrors,
  });
}

/** Sends another SMS code. */
export const resendOtp = (
  page: JourneyPage,
  { id, token }: JourneyCredential,
  answers: Answers<[]>,
): Promise<void> =>
  submitForm(page, {
    idempotencyParts: ['resend', id],
    send: (header) =>
      page.api.POST('/journeys/{id}/otp/resend', {
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    firstField: 'otp',
    textOf: ({ code }) => (code === 'too-many-requests' ? page.t('otp.too-early') : undefined),
    onSuccess: () => answers.onSuccess(),
    showErrors: answers.showErrors,
  });
