import express from 'express';
import { bearer } from '../../client/client.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';
import { forgetSession, redirectToSignIn, requireSession } from '../page-request/require-session.ts';

const renderForm = (page: PageRequest, errors: readonly FormError[] = [], status = 200): void =>
  page.render('my-clave/not-me.njk', { errors }, status);

/** «It was not me»: a warning to be confirmed, then what the citizen can do without a session. */
export const notMe = express
  .Router()
  .get(
    '/not-me',
    requireSession((page) => renderForm(page)),
  )
  .post(
    '/not-me',
    requireSession((page, token) =>
      submitForm(page, {
        idempotencyParts: ['not-me'],
        send: (header) =>
          page.api.POST('/sessions/not-me', { body: {}, params: { header }, headers: bearer(token) }),
        onSuccess: () => {
          forgetSession(page);
          page.clearEntries('journey');
          page.clearEntries('certificate');
          page.clearEntries('issued');
          // Somebody else may have been at this browser.
          page.clearEntries('browser');
          page.redirectToPage('not-me', '/done');
        },
        onProblem: { 'not-authenticated': () => redirectToSignIn(page) },
        showErrors: (errors, { status }) => renderForm(page, errors, status),
      }),
    ),
  )
  .get(
    '/not-me/done',
    withPageRequest((page) => page.render('my-clave/not-me-done.njk')),
  );
