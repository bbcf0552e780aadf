import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { errorsOf, type FormError, missing } from '../../forms/form-errors.ts';
import { sessionIsOver, signedIn } from '../../visitor/require-session.ts';
import type { Visitor } from '../../visitor/visitor.ts';
import { brokenRules, mistakesIn } from '../new-password/new-password-errors.ts';
import { readPolicy } from '../new-password/password-policy.ts';

const show = async (visitor: Visitor, errors: readonly FormError[] = [], status = 200): Promise<void> =>
  visitor.show(
    'permanente/password-change/password-change.njk',
    { errors, policy: await readPolicy(visitor) },
    status,
  );

/** [clave], "Password change": the current one and the new one, then an SMS code. */
export const passwordChange = express
  .Router()
  .get(
    '/password-change',
    signedIn((visitor) => show(visitor)),
  )
  .post(
    '/password-change',
    signedIn(async (visitor, token) => {
      const mistakes = [...missing(visitor, 'currentPassword'), ...mistakesIn(visitor)];
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
      if (started.ok) return visitor.follow(started.data);
      const { problem } = started;
      if (problem.code === 'password-refused')
        return show(visitor, await brokenRules(visitor, problem), problem.status);
      const [first, ...rest] = errorsOf(visitor, started);
      const isCurrent = problem.code === 'current-password-refused' && first;
      const errors = isCurrent ? [{ ...first, field: 'currentPassword' }] : [first, ...rest];
      return show(visitor, errors as FormError[], problem.status);
    }),
  );
