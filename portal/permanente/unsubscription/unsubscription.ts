import express from 'express';
import { bearer } from '../../../client/client.ts';
import type { FormError } from '../../../web/forms/form-errors.ts';
import { submitForm } from '../../../web/forms/submit-form.ts';
import { fieldErrorText } from '../../../web/views/wording.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { redirectToSignIn, requireSession } from '../../page-request/require-session.ts';
import { readSessionLimit } from '../../page-request/time-limit.ts';
import { stepOf } from '../journey/steps.ts';

const renderForm = async (
  page: PageRequest,
  token: string,
  errors: readonly FormError[] = [],
  status = 200,
): Promise<void> => {
  const limit = await readSessionLimit(page, token);
  if (limit === 'over') return redirectToSignIn(page);
  page.render(
    'permanente/unsubscription/unsubscription.njk',
    { errors, step: stepOf('unsubscription', 'start'), ...(limit !== 'unknown' && { timeLimit: limit }) },
    status,
  );
};

/** [clave], "User downs": a warning to be confirmed, then an SMS code. */
export const unsubscription = express
  .Router()
  .get(
    '/unsubscription',
    requireSession((page, token) => renderForm(page, token)),
  )
  .post(
    '/unsubscription',
    requireSession((page, token) => {
      if (page.field('confirm') !== 'yes') {
        const text = fieldErrorText(page.t, 'confirm', 'required');
        return renderForm(page, token, [{ field: 'confirm', text }], 422);
      }
      return submitForm(page, {
        idempotencyParts: ['unsubscription'],
        send: (header) =>
          page.api.POST('/unsubscriptions', { body: {}, params: { header }, headers: bearer(token) }),
        onSuccess: (started) => page.redirectToStartedJourney(started),
        onProblem: { 'not-authenticated': () => redirectToSignIn(page) },
        firstField: 'confirm',
        showErrors: (errors, { status }) => renderForm(page, token, errors, status),
      });
    }),
  );
