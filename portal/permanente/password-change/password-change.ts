import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { type FormError, formErrorsOf, missingFieldErrors } from '../../forms/form-errors.ts';
import { requireSession, sessionIsOver } from '../../visitor/require-session.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRuleErrors, newPasswordErrors } from '../new-password/new-password-errors.ts';
import { readPasswordPolicy } from '../new-password/password-policy.ts';

const show = async (visitor: Visitor, errors: readonly FormError[] = [], status = 200): Promise<void> =>
  visitor.render(
    'permanente/password-change/password-change.njk',
    { errors, policy: await readPasswordPolicy(visitor) },
    status,
  );

/** [clave], "Password change": the current one and the new one, then an SMS code. */
export const passwordChange = express
  .Router()
  .get(
    '/password-change',
    requireSession((visitor) => show(visitor)),
  )
  .post(
    '/password-change',
    requireSession(async (visitor, token) => {
      const mistakes = [...missingFieldErrors(visitor, 'currentPassword'), ...newPasswordErrors(visitor)];
      if (mistakes.length > 0) return show(visitor, mistakes, 422);
      const body = {
        currentPassword: visitor.field('currentPassword'),
        newPassword: visitor.field('newPassword'),
      };
      const key = visitor.idempotencyKey('password-change', ...Object.values(body));
      const started = await outcomeOf(
        visitor.api.POST('/password-changes', {
          body,
          params: { header: { 'Idempotency-Key': key } },
          headers: bearer(token),
        }),
        visitor.language,
      );
      if (sessionIsOver(visitor, started)) return;
      if (started.ok) return visitor.redirectToStartedJourney(started.data);
      const { problem } = started;
      if (problem.code === 'password-refused')
        return show(visitor, await brokenRuleErrors(visitor, problem), problem.status);
      const [first, ...rest] = formErrorsOf(visitor, started);
      const isCurrent = problem.code === 'current-password-refused' && first;
      const errors = isCurrent ? [{ ...first, field: 'currentPassword' }] : [first, ...rest];
      return show(visitor, errors as FormError[], problem.status);
    }),
  );
