import { bearer, type Problem } from '../../client/client.ts';
import type { FormError } from '../forms/form-errors.ts';
import { submitForm } from '../forms/submit-form.ts';
import { brokenRuleErrors, brokenRules, newPasswordErrors } from '../new-password/new-password-errors.ts';
import { fieldErrorText } from '../views/wording.ts';
import type { JourneyCredential, JourneyPage } from './journey.ts';

interface Answers {
  readonly onSuccess: () => void;
  /** Shows what is wrong with the password itself. `broken`: the codes of the rules that it breaks. */
  readonly showFieldErrors: (
    errors: readonly FormError[],
    broken?: readonly string[],
  ) => Promise<void> | void;
  /** Shows any other problem. */
  readonly showErrors: (errors: readonly FormError[], problem: Problem) => Promise<void> | void;
}

/** [clave], "User activation", 3. The citizen accepts the duties of keeping a password first ([ENS] op.acc.5.2). */
export async function submitNewPassword(
  page: JourneyPage,
  { id, token }: JourneyCredential,
  { onSuccess, showFieldErrors, showErrors }: Answers,
): Promise<void> {
  const errors = newPasswordErrors(page);
  if (page.field('accept') !== 'yes')
    errors.push({ field: 'accept', text: fieldErrorText(page.t, 'accept', 'required') });
  if (errors.length > 0) return showFieldErrors(errors);
  const password = page.field('newPassword');
  return submitForm(page, {
    idempotencyParts: ['password', id, password],
    send: (header) =>
      page.api.POST('/journeys/{id}/password', {
        body: { password },
        params: { path: { id }, header },
        headers: bearer(token),
      }),
    onSuccess: () => onSuccess(),
    onProblem: {
      'password-refused': async (problem) =>
        showFieldErrors(await brokenRuleErrors(page, problem), brokenRules(problem)),
      // The API calls the field `password`, which this form has not.
      'malformed-request': (problem) =>
        showErrors([{ text: problem.detail, target: 'newPassword' }], problem),
    },
    firstField: 'newPassword',
    showErrors,
  });
}
