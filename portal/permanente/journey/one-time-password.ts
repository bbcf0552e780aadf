import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { errorsOf } from '../../forms/form-errors.ts';
import { addressOfJourney } from '../../pages.ts';
import type { HeldJourney } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { showAgain, showRefusal } from './show.ts';

/** [clave], "User activation", 2: the code that came by SMS. */
export async function enterOtp(visitor: Visitor, held: HeldJourney): Promise<void> {
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
    if (!session) return visitor.go(addressOfJourney(id, visitor.language));
    visitor.keep('session', session.token);
    return visitor.goTo('my-clave');
  }
  if (entered.problem.code !== 'malformed-request') return showRefusal(visitor, held, entered, 'otp');
  return showAgain(visitor, held, { errors: errorsOf(visitor, entered), status: 400 });
}

/** Another code; back to the same page, with word of it. */
export async function resendOtp(visitor: Visitor, held: HeldJourney): Promise<void> {
  const { id, token } = held;
  const sent = await outcomeOf(
    visitor.api.POST('/journeys/{id}/otp/resend', {
      params: { path: { id }, header: { 'Idempotency-Key': visitor.idempotencyKey('resend', id) } },
      headers: bearer(token),
    }),
    visitor.language,
  );
  if (!sent.ok) return showRefusal(visitor, held, sent);
  visitor.go(`${addressOfJourney(id, visitor.language)}?resent=1`);
}
