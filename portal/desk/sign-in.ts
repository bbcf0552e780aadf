import express from 'express';
import { bearer } from '../../client/client.ts';
import { requiredFieldErrors } from '../forms/form-errors.ts';
import { submitForm } from '../visitor/submit-form.ts';
import { withVisitor } from '../visitor/visitor.ts';
import { openDesk } from './require-officer.ts';

// A valid number that is never issued: the API accepts the key and finds no citizen.
const probeNationalId = '00000000T';

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
    withVisitor((visitor) => {
      const required = requiredFieldErrors(visitor, 'key');
      if (required.length > 0) return visitor.render('desk/sign-in.njk', { errors: required }, 422);
      const key = visitor.field('key').trim();
      const refuse = () => {
        const errors = [{ field: 'key', text: visitor.t('desk.key-refused') }];
        visitor.render('desk/sign-in.njk', { errors }, 401);
      };
      const open = () => {
        openDesk(visitor, key);
        visitor.redirectToPage('desk');
      };
      // Other characters cannot be sent in a header.
      if (!/^[\x21-\x7e]{1,512}$/.test(key)) return refuse();
      return submitForm(visitor, {
        content: ['desk-sign-in', key],
        send: () =>
          visitor.api.POST('/citizen-lookups', {
            body: { nationalId: probeNationalId },
            headers: bearer(key),
          }),
        onSuccess: open,
        onProblem: { 'not-registered': open, 'not-authenticated': refuse },
        showErrors: (errors, { status }) => visitor.render('desk/sign-in.njk', { errors }, status),
      });
    }),
  )
  .post(
    '/desk/sign-out',
    withVisitor((visitor) => {
      visitor.clearCookie('desk');
      visitor.redirectToPage('desk-sign-in');
    }),
  );
