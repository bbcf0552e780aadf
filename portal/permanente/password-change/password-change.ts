import express from 'express';
import { bearer } from '../../../client/client.ts';
import { type FormError, requiredFieldErrors } from '../../../web/forms/form-errors.ts';
import { submitForm } from '../../../web/forms/submit-form.ts';
import {
  brokenRuleErrors,
  brokenRules,
  newPasswordErrors,
} from '../../../web/new-password/new-password-errors.ts';
import { readPasswordPolicy } from '../../../web/new-password/password-policy.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { redirectToSignIn, requireSession } from '../../page-request/require-session.ts';
import { readSessionLimit } from '../../page-request/time-limit.ts';
import { stepOf } from '../journey/steps.ts';

const renderForm = async (
  page: PageRequest,
  token: string,
  errors: readonly FormError[] = [],
  status = 200,
  broken: readonly string[] = [],
): Promise<void> => {
  const [limit, policy] = await Promise.all([readSessionLimit(page, token), readPasswordPolicy(page)]);
  if (limit === 'over') return redirectToSignIn(page);
  page.render(
    'permanente/password-change/password-change.njk',
    {
      errors,
      broken,
      policy,
      username: page.readCookie('username')?.nationalId,
      step: stepOf('password-change', 'start'),
      ...(limit !== 'unknown' && { timeLimit: limit }),
    },
    status,
  );
};

/** [clave], "Password change": the current password and the new one, then an SMS code. */
export const passwordChange = express
  .Router()
  .get(
    '/password-change',
    requireSession((page, token) => renderForm(page, token)),
  )
  .post(
    '/password-change',
    requireSession((page, token) => {
      const errors = [...requiredFieldErrors(page, 'currentPassword'), ...newPasswordErrors(page)];
      if (errors.length > 0) return renderForm(page, token, errors, 422);
      const body = {
        currentPassword: page.field('currentPassword'),
        newPassword: page.field('newPassword'),
      };
      return submitForm(page, {
        idempotencyParts: ['password-change', ...Object.values(body)],
        send: (header) =>
          page.api.POST('/password-changes', { body, params: { header }, headers: bearer(token) }),
        onSuccess: (started) => {
          // At once it is changed with a certificate only, not in a session.
          if (!('journey' in started)) throw new TypeError('the API started no journey');
          return page.redirectToStartedJourney(started);
        },
        onProblem: {
          'not-authenticated': () => redirectToSignIn(page),
          'password-refused': async (problem) =>
            renderForm(
              page,
              token,
              await brokenRuleErrors(page, problem),
              problem.status,
              brokenRules(problem),
            ),
        },
        firstField: 'currentPassword',
        fieldOf: ({ code }) => (code === 'current-password-refused' ? 'currentPassword' : undefined),
        showErrors: (formErrors, { status }) => renderForm(page, token, formErrors, status),
      });
    }),
  );
