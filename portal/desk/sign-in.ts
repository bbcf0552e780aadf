import express from 'express';
import { bearer } from '../../client/client.ts';
import { requiredFieldErrors } from '../forms/form-errors.ts';
import { withPageRequest } from '../page-request/page-request.ts';
import { submitForm } from '../page-request/submit-form.ts';
import { openDesk } from './require-officer.ts';

// A valid number that is never issued: the API accepts the key and finds no citizen.
const probeNationalId = '00000000T';

/** An officer opens the desk with a personal key, and closes it. */
export const deskSignIn = express
  .Router()
  .get(
    '/desk/sign-in',
    withPageRequest((page, request) =>
      page.render('desk/sign-in.njk', { hasEnded: request.query['ended'] === '1' }),
    ),
  )
  .post(
    '/desk/sign-in',
    withPageRequest((page) => {
      const required = requiredFieldErrors(page, 'key');
      if (required.length > 0) return page.render('desk/sign-in.njk', { errors: required }, 422);
      const key = page.field('key').trim();
      const refuse = () => {
        const errors = [{ field: 'key', text: page.t('desk.key-refused') }];
        page.render('desk/sign-in.njk', { errors }, 401);
      };
      const open = () => {
        openDesk(page, key);
        page.redirectToPage('desk');
      };
      // Other characters cannot be sent in a header.
      if (!/^[\x21-\x7e]{1,512}$/.test(key)) return refuse();
      return submitForm(page, {
        idempotencyParts: ['desk-sign-in', key],
        send: () =>
          page.api.POST('/citizen-lookups', {
            body: { nationalId: probeNationalId },
            headers: bearer(key),
          }),
        onSuccess: open,
        onProblem: { 'not-registered': open, 'not-authenticated': refuse },
        showErrors: (errors, { status }) => page.render('desk/sign-in.njk', { errors }, status),
      });
    }),
  )
  .post(
    '/desk/sign-out',
    withPageRequest((page) => {
      page.clearCookie('desk');
      page.redirectToPage('desk-sign-in');
    }),
  );
