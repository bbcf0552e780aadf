import { bearer } from '../../../client/client.ts';
import { addressOfJourney } from '../../pages.ts';
import { fieldErrorText } from '../../views/wording.ts';
import type { JourneyHandle } from '../../visitor/cookies.ts';
import { submitForm } from '../../visitor/submit-form.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRuleErrors, newPasswordErrors } from '../new-password/new-password-errors.ts';
import { renderCurrentStep, renderRefusal } from './journey-pages.ts';

/** [clave], "User activation", 3. The citizen accepts the duties of keeping a password first ([ENS] op.acc.5.2). */
export async function submitNewPassword(visitor: Visitor, handle: JourneyHandle): Promise<void> {
  const { id, token } = handle;
  const errors = newPasswordErrors(visitor);
  if (visitor.field('accept') !== 'yes')
    errors.push({ field: 'accept', text: fieldErrorText(visitor.t, 'accept', 'required') });
  if (errors.length > 0) return renderCurrentStep(visitor, handle, { errors, status: 422 });
  const password = visitor.field('newPassword');
  return submitForm(visitor, {
    content: ['password', id, password],
    send: (header) =>
      visitor.api.POST('/journeys/{id}/password', {
        body: { password },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: () => visitor.redirect(addressOfJourney(id, visitor.language)),
    onProblem: {
      'password-refused': async (problem) =>
        renderCurrentStep(visitor, handle, {
          errors: await brokenRuleErrors(visitor, problem),
          status: 422,
        }),
      // The API calls the field `password`, which this form has not.
      'malformed-request': (problem) => renderRefusal(visitor, handle, problem, [{ text: problem.detail }]),
    },
    showErrors: (formErrors, problem) => renderRefusal(visitor, handle, problem, formErrors),
  });
}
