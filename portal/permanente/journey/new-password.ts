import { bearer } from '../../../client/client.ts';
import { submitForm } from '../../../web/forms/submit-form.ts';
import {
  brokenRuleErrors,
  brokenRules,
  newPasswordErrors,
} from '../../../web/new-password/new-password-errors.ts';
import { fieldErrorText } from '../../../web/views/wording.ts';
import type { StoredCredential } from '../../page-request/cookies.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { addressOfJourney } from '../../pages.ts';
import { renderCurrentStep, renderRefusal } from './journey-pages.ts';

/** [clave], "User activation", 3. The citizen accepts the duties of keeping a password first ([ENS] op.acc.5.2). */
export async function submitNewPassword(page: PageRequest, credential: StoredCredential): Promise<void> {
  const { id, token } = credential;
  const errors = newPasswordErrors(page);
  if (page.field('accept') !== 'yes')
    errors.push({ field: 'accept', text: fieldErrorText(page.t, 'accept', 'required') });
  if (errors.length > 0) return renderCurrentStep(page, credential, { errors, status: 422 });
  const password = page.field('newPassword');
  return submitForm(page, {
    idempotencyParts: ['password', id, password],
    send: (header) =>
      page.api.POST('/journeys/{id}/password', {
        body: { password },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: () => page.redirect(addressOfJourney(id, page.language)),
    onProblem: {
      'password-refused': async (problem) =>
        renderCurrentStep(page, credential, {
          errors: await brokenRuleErrors(page, problem),
          broken: brokenRules(problem),
          status: 422,
        }),
      // The API calls the field `password`, which this form has not.
      'malformed-request': (problem) => renderRefusal(page, credential, problem, [{ text: problem.detail }]),
    },
    firstField: 'newPassword',
    showErrors: (formErrors, problem) => renderRefusal(page, credential, problem, formErrors),
  });
}
