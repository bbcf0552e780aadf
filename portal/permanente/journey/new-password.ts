import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { addressOfJourney } from '../../pages.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRuleErrors, newPasswordErrors } from '../new-password/new-password-errors.ts';
import { renderCurrentStep, renderRefusal } from './show.ts';

/** [clave], "User activation", 3; before it the citizen accepts the duties of keeping it, [ENS] op.acc.5.2. */
export async function submitNewPassword(visitor: Visitor, held: JourneyHandle): Promise<void> {
  const { id, token } = held;
  const mistakes = newPasswordErrors(visitor);
  if (visitor.field('accept') !== 'yes')
    mistakes.push({ field: 'accept', text: fieldErrorText(visitor.t, 'accept', 'required') });
  if (mistakes.length > 0) return renderCurrentStep(visitor, held, { errors: mistakes, status: 422 });
  const password = visitor.field('newPassword');
  const set = await outcomeOf(
    visitor.api.POST('/journeys/{id}/password', {
      params: {
        path: { id },
        header: { 'Idempotency-Key': visitor.idempotencyKey('password', id, password) },
      },
      headers: bearer(token),
      body: { password },
    }),
    visitor.language,
  );
  if (set.ok) return visitor.redirect(addressOfJourney(id, visitor.language));
  if (set.problem.code !== 'password-refused') return renderRefusal(visitor, held, set);
  return renderCurrentStep(visitor, held, {
    errors: await brokenRuleErrors(visitor, set.problem),
    status: 422,
  });
}
