import express from 'express';
import { bearer } from '../../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../../forms/form-errors.ts';
import { redirectToSignIn, requireSession } from '../../visitor/require-session.ts';
import { submitForm } from '../../visitor/submit-form.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRuleErrors, newPasswordErrors } from '../new-password/new-password-errors.ts';
import { readPasswordPolicy } from '../new-password/password-policy.ts';

const renderForm = async (visitor: Visitor, errors: readonly FormError[] = [], status = 200): Promise<void> =>
  visitor.render(
    'permanente/password-change/password-change.njk',
    { errors, policy: await readPasswordPolicy(visitor) },
    status,
  );

/** [clave], "Password change": the current password and the new one, then an SMS code. */
export const passwordChange = express
  .Router()
  .get(
    '/password-change',
    requireSession((visitor) => renderForm(visitor)),
  )
  .post(
    '/password-change',
    requireSession((visitor, token) => {
      const errors = [...requiredFieldErrors(visitor, 'currentPassword'), ...newPasswordErrors(visitor)];
      if (errors.length > 0) return renderForm(visitor, errors, 422);
      const body = {
        currentPassword: visitor.field('currentPassword'),
        newPassword: visitor.field('newPassword'),
      };
      return submitForm(visitor, {
        content: ['password-change', ...Object.values(body)],
        send: (header) =>
          visitor.api.POST('/password-changes', { body, params: { header }, headers: bearer(token) }),
        onSuccess: (started) => visitor.redirectToStartedJourney(started),
        onProblem: {
          'not-authenticated': () => redirectToSignIn(visitor),
          'password-refused': async (problem) =>
            renderForm(visitor, await brokenRuleErrors(visitor, problem), problem.status),
        },
        fieldOf: ({ code }) => (code === 'current-password-refused' ? 'currentPassword' : undefined),
        showErrors: (formErrors, { status }) => renderForm(visitor, formErrors, status),
      });
    }),
  );
