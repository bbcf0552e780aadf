import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { type FormError, formErrorsOf } from '../../forms/form-errors.ts';
import { fieldErrorText } from '../../views/wording.ts';
import { requireSession, sessionIsOver } from '../../visitor/require-session.ts';
import type { Visitor } from '../../visitor/visitor.ts';

const show = async (visitor: Visitor, errors: readonly FormError[] = [], status = 200): Promise<void> =>
  visitor.render('permanente/unsubscription/unsubscription.njk', { errors }, status);

/** [clave], "User downs": signed in, warned, and confirmed by an SMS code. */
export const unsubscription = express
  .Router()
  .get(
    '/unsubscription',
    requireSession((visitor) => show(visitor)),
  )
  .post(
    '/unsubscription',
    requireSession(async (visitor, token) => {
      if (visitor.field('confirm') !== 'yes')
        return show(
          visitor,
          [{ field: 'confirm', text: fieldErrorText(visitor.t, 'confirm', 'required') }],
          422,
        );
      const started = await outcomeOf(
        visitor.api.POST('/unsubscriptions', {
          body: {},
          params: { header: { 'Idempotency-Key': visitor.idempotencyKey('unsubscription') } },
          headers: bearer(token),
        }),
        visitor.language,
      );
      if (sessionIsOver(visitor, started)) return;
      if (started.ok) return visitor.redirectToStartedJourney(started.data);
      return show(visitor, formErrorsOf(visitor, started), started.problem.status);
    }),
  );
