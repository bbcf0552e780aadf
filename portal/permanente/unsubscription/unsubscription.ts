import express from 'express';
import { bearer } from '../../../client/client.ts';
import type { FormError } from '../../forms/form-errors.ts';
import { fieldErrorText } from '../../views/wording.ts';
import { redirectToSignIn, requireSession } from '../../visitor/require-session.ts';
import { submitForm } from '../../visitor/submit-form.ts';
import type { Visitor } from '../../visitor/visitor.ts';

const renderForm = (visitor: Visitor, errors: readonly FormError[] = [], status = 200): void =>
  visitor.render('permanente/unsubscription/unsubscription.njk', { errors }, status);

/** [clave], "User downs": a warning to be confirmed, then an SMS code. */
export const unsubscription = express
  .Router()
  .get(
    '/unsubscription',
    requireSession((visitor) => renderForm(visitor)),
  )
  .post(
    '/unsubscription',
    requireSession((visitor, token) => {
      if (visitor.field('confirm') !== 'yes') {
        const text = fieldErrorText(visitor.t, 'confirm', 'required');
        return renderForm(visitor, [{ field: 'confirm', text }], 422);
      }
      return submitForm(visitor, {
        content: ['unsubscription'],
        send: (header) =>
          visitor.api.POST('/unsubscriptions', { body: {}, params: { header }, headers: bearer(token) }),
        onSuccess: (started) => visitor.redirectToStartedJourney(started),
        onProblem: { 'not-authenticated': () => redirectToSignIn(visitor) },
        showErrors: (errors, { status }) => renderForm(visitor, errors, status),
      });
    }),
  );
