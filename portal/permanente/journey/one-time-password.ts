import { bearer } from '../../../client/client.ts';
import { addressOfJourney } from '../../pages.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import { submitForm } from '../../visitor/submit-form.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { renderRefusal } from './journey-pages.ts';

/** [clave], "User activation", 2: the code of the SMS. The code of a sign-in opens a session. */
export function submitOtp(visitor: Visitor, handle: JourneyHandle): Promise<void> {
  const { id, token } = handle;
  const otp = visitor.field('otp');
  return submitForm(visitor, {
    content: ['otp', id, otp],
    send: (header) =>
      visitor.api.POST('/journeys/{id}/otp', {
        body: { otp },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: ({ journey: { session } }) => {
      if (!session) return visitor.redirect(addressOfJourney(id, visitor.language));
      visitor.writeCookie('session', session.token);
      visitor.redirectToPage('my-clave');
    },
    // Too many requests and an outage are not the field's fault.
    fieldOf: ({ status }) => (status < 429 ? 'otp' : undefined),
    showErrors: (errors, problem) => renderRefusal(visitor, handle, problem, errors),
  });
}

/** Sends another SMS code, and returns to the same page with a notice of it. */
export function resendOtp(visitor: Visitor, handle: JourneyHandle): Promise<void> {
  const { id, token } = handle;
  return submitForm(visitor, {
    content: ['resend', id],
    send: (header) =>
      visitor.api.POST('/journeys/{id}/otp/resend', {
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: () => visitor.redirect(`${addressOfJourney(id, visitor.language)}?resent=1`),
    showErrors: (errors, problem) => renderRefusal(visitor, handle, problem, errors),
  });
}
