import express from 'express';
import { bearer } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { formErrorsOf, missingFieldErrors } from '../forms/form-errors.ts';
import { withVisitor } from '../visitor/visitor.ts';
import { openOfficerSession } from './require-officer.ts';

// A number that is given to nobody: whether the key is good is told by the status alone.
const nobody = '00000000T';

/** An officer opens the desk with a personal key, and closes it. */
export const deskSignIn = express
  .Router()
  .get(
    '/desk/sign-in',
    withVisitor((visitor, request) =>
      visitor.render('desk/sign-in.njk', { hasEnded: request.query['ended'] === '1' }),
    ),
  )
  .post(
    '/desk/sign-in',
    withVisitor(async (visitor) => {
      const empty = missingFieldErrors(visitor, 'key');
      if (empty.length > 0) return visitor.render('desk/sign-in.njk', { errors: empty }, 422);
      const key = visitor.field('key').trim();
      const refuse = () => {
        const errors = [{ field: 'key', text: visitor.t('desk.key-refused') }];
        visitor.render('desk/sign-in.njk', { errors }, 401);
      };
      // What no header can carry is no key.
      if (!/^[\x21-\x7e]{1,512}$/.test(key)) return refuse();
      const known = await outcomeOf(
        visitor.api.POST('/citizen-lookups', { body: { nationalId: nobody }, headers: bearer(key) }),
        visitor.language,
      );
      if (!known.ok && known.problem.code === 'not-authenticated') return refuse();
      if (!known.ok && known.problem.code !== 'not-registered')
        return visitor.render(
          'desk/sign-in.njk',
          { errors: formErrorsOf(visitor, known) },
          known.problem.status,
        );
      openOfficerSession(visitor, key);
      visitor.redirectToPage('desk');
    }),
  )
  .post(
    '/desk/sign-out',
    withVisitor((visitor) => {
      visitor.clearCookie('desk');
      visitor.redirectToPage('desk-sign-in');
    }),
  );
