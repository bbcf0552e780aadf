import express from 'express';
import { bearer } from '../../../client/client.ts';
import { outcomeOf } from '../../../client/outcome.ts';
import { errorsOf, type FormError, missing } from '../../forms/form-errors.ts';
import { forVisitor } from '../../visitor/visitor.ts';

/** Why somebody was sent here, as the address says it. */
const reasons: readonly string[] = ['needed', 'ended', 'signed-out'];

/** An expired password leads to its renewal and to nothing else. [clave] */
export const signIn = express
  .Router()
  .get(
    '/sign-in',
    forVisitor((visitor, request) => {
      const why = String(request.query['why']);
      visitor.show('identification/sign-in/sign-in.njk', {
        indexed: true,
        why: reasons.includes(why) ? why : undefined,
      });
    }),
  )
  .post(
    '/sign-in',
    forVisitor(async (visitor) => {
      const nationalId = visitor.field('nationalId');
      const reinforced = visitor.field('reinforced');
      const show = (errors: readonly FormError[], status: number) =>
        visitor.show(
          'identification/sign-in/sign-in.njk',
          { errors, values: { nationalId, reinforced } },
          status,
        );
      const empty = missing(visitor, 'nationalId', 'password');
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
        if (code === 'password-expired' && journey && token) return visitor.follow({ journey, token }, true);
        return show(errorsOf(visitor, tried), status);
      }
      if ('journey' in tried.data) return visitor.follow(tried.data);
      visitor.keep('session', tried.data.session.token);
      visitor.goTo('my-clave');
    }),
  )
  .post(
    '/sign-out',
    forVisitor(async (visitor) => {
      const token = visitor.kept('session');
      if (token)
        await outcomeOf(
          visitor.api.DELETE('/sessions/current', { headers: bearer(token) }),
          visitor.language,
        );
      visitor.forget('session');
      // Nor does whoever comes next go on with what was begun.
      visitor.forget('journeys');
      visitor.goTo('sign-in', '?why=signed-out');
    }),
  );
