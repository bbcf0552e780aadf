import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { formErrorsOf } from '../../forms/form-errors.ts';
import { addressOfJourney } from '../../pages.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { renderCurrentStep, renderRefusal } from './show.ts';

/** [clave], "User activation", 2: the code that came by SMS. */
export async function submitOtp(visitor: Visitor, held: JourneyHandle): Promise<void> {
  const { id, token } = held;
  const otp = visitor.field('otp');
  const entered = await outcomeOf(
    visitor.api.POST('/journeys/{id}/otp', {
      params: { path: { id }, header: { 'Idempotency-Key': visitor.idempotencyKey('otp', id, otp) } },
      headers: bearer(token),
      body: { otp },
    }),
    visitor.language,
  );
  if (entered.ok) {
    const { session } = entered.data.journey;
    if (!session) return visitor.redirect(addressOfJourney(id, visitor.language));
    visitor.writeCookie('session', session.token);
    return visitor.redirectToPage('my-clave');
  }
  if (entered.problem.code !== 'malformed-request') return renderRefusal(visitor, held, entered, 'otp');
  return renderCurrentStep(visitor, held, { errors: formErrorsOf(visitor, entered), status: 400 });
}

/** Another code; back to the same page, with word of it. */
export async function resendOtp(visitor: Visitor, held: JourneyHandle): Promise<void> {
  const { id, token } = held;
  const sent = await outcomeOf(
    visitor.api.POST('/journeys/{id}/otp/resend', {
      params: { path: { id }, header: { 'Idempotency-Key': visitor.idempotencyKey('resend', id) } },
      headers: bearer(token),
    }),
    visitor.language,
  );
  if (!sent.ok) return renderRefusal(visitor, held, sent);
  visitor.redirect(`${addressOfJourney(id, visitor.language)}?resent=1`);
}
