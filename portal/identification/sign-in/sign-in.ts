import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { type FormError, formErrorsOf, missingFieldErrors } from '../../forms/form-errors.ts';
import { withVisitor } from '../../visitor/visitor.ts';

/** Why somebody was sent here, as the address says it. */
const reasons: readonly string[] = ['needed', 'ended', 'signed-out'];

/** An expired password leads to its renewal and to nothing else. [clave] */
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
    withVisitor(async (visitor) => {
      const nationalId = visitor.field('nationalId');
      const reinforced = visitor.field('reinforced');
      const show = (errors: readonly FormError[], status: number) =>
        visitor.render(
          'identification/sign-in/sign-in.njk',
          { errors, values: { nationalId, reinforced } },
          status,
        );
      const empty = missingFieldErrors(visitor, 'nationalId', 'password');
      if (empty.length > 0) return show(empty, 422);

      const password = visitor.field('password');
      const assurance = reinforced === 'yes' ? 'substantial' : 'basic';
      const key = visitor.idempotencyKey('sign-in', nationalId, password, assurance);
      const tried = await outcomeOf(
        visitor.api.POST('/sessions', {
          body: { nationalId, password, assurance },
          params: { header: { 'Idempotency-Key': key } },
        }),
        visitor.language,
      );
      if (!tried.ok) {
        const { code, journey, token, status } = tried.problem;
        if (code === 'password-expired' && journey && token)
          return visitor.redirectToStartedJourney({ journey, token }, true);
        return show(formErrorsOf(visitor, tried), status);
      }
      if ('journey' in tried.data) return visitor.redirectToStartedJourney(tried.data);
      visitor.writeCookie('session', tried.data.session.token);
      visitor.redirectToPage('my-clave');
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
      // Nor does whoever comes next go on with what was begun.
      visitor.clearCookie('journeys');
      visitor.redirectToPage('sign-in', '?why=signed-out');
    }),
  );
