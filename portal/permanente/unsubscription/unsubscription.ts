import express from 'express';
import { bearer } from '../../../client/client.ts';
import type { FormError } from '../../forms/form-errors.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { redirectToSignIn, requireSession } from '../../page-request/require-session.ts';
import { submitForm } from '../../page-request/submit-form.ts';
import { readSessionLimit } from '../../page-request/time-limit.ts';
import { fieldErrorText } from '../../views/wording.ts';
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
