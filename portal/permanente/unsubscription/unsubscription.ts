import express from 'express';
import { bearer } from '../../../client/client.ts';
import type { FormError } from '../../forms/form-errors.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { redirectToSignIn, requireSession } from '../../page-request/require-session.ts';
import { submitForm } from '../../page-request/submit-form.ts';
import { fieldErrorText } from '../../views/wording.ts';

const renderForm = (page: PageRequest, errors: readonly FormError[] = [], status = 200): void =>
  page.render('permanente/unsubscription/unsubscription.njk', { errors }, status);

/** [clave], "User downs": a warning to be confirmed, then an SMS code. */
export const unsubscription = express
  .Router()
  .get(
    '/unsubscription',
    requireSession((page) => renderForm(page)),
  )
  .post(
    '/unsubscription',
    requireSession((page, token) => {
      if (page.field('confirm') !== 'yes') {
        const text = fieldErrorText(page.t, 'confirm', 'required');
        return renderForm(page, [{ field: 'confirm', text }], 422);
      }
      return submitForm(page, {
        idempotencyParts: ['unsubscription'],
        send: (header) =>
          page.api.POST('/unsubscriptions', { body: {}, params: { header }, headers: bearer(token) }),
        onSuccess: (started) => page.redirectToStartedJourney(started),
        onProblem: { 'not-authenticated': () => redirectToSignIn(page) },
        showErrors: (errors, { status }) => renderForm(page, errors, status),
      });
    }),
  );
