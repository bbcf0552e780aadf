import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { type FormError, requiredFieldErrors } from '../../forms/form-errors.ts';
import { submitForm } from '../../visitor/submit-form.ts';
import { withVisitor } from '../../visitor/visitor.ts';

// Why the visitor was redirected here: `?why=`, and the key of the notice.
const reasons: readonly string[] = ['needed', 'ended', 'signed-out'];

/** Signing in, with an SMS code too if the citizen asks for it. An expired password leads to its renewal. [clave] */
export const signIn = express
  .Router()
  .get(
    '/sign-in',
    withVisitor((visitor, request) => {
      const why = String(request.query['why']);
      visitor.render('identification/sign-in/sign-in.njk', {
        indexed: true,
        why: reasons.includes(why) ? why : undefined,
      });
    }),
  )
  .post(
    '/sign-in',
    withVisitor((visitor) => {
      const nationalId = visitor.field('nationalId');
      const reinforced = visitor.field('reinforced');
      const renderErrors = (errors: readonly FormError[], status: number) =>
        visitor.render(
          'identification/sign-in/sign-in.njk',
          { errors, values: { nationalId, reinforced } },
          status,
        );
      const required = requiredFieldErrors(visitor, 'nationalId', 'password');
      if (required.length > 0) return renderErrors(required, 422);

      const password = visitor.field('password');
      const assurance = reinforced === 'yes' ? 'substantial' : 'basic';
      return submitForm(visitor, {
        content: ['sign-in', nationalId, password, assurance],
        send: (header) =>
          visitor.api.POST('/sessions', { body: { nationalId, password, assurance }, params: { header } }),
        onSuccess: (opened) => {
          if ('journey' in opened) return visitor.redirectToStartedJourney(opened);
          visitor.writeCookie('session', opened.session.token);
          visitor.redirectToPage('my-clave');
        },
        onProblem: {
          'password-expired': ({ journey, token, detail, status }) =>
            journey && token
              ? visitor.redirectToStartedJourney({ journey, token }, true)
              : renderErrors([{ text: detail }], status),
        },
        showErrors: (errors, { status }) => renderErrors(errors, status),
      });
    }),
  )
  .post(
    '/sign-out',
    withVisitor(async (visitor) => {
      const token = visitor.readCookie('session');
      if (token)
        await outcomeOf(
          visitor.api.DELETE('/sessions/current', { headers: bearer(token) }),
          visitor.language,
        );
      visitor.clearCookie('session');
      // The next person at this browser must not continue a journey of this one.
      visitor.clearCookie('journeys');
      visitor.redirectToPage('sign-in', '?why=signed-out');
    }),
  );
