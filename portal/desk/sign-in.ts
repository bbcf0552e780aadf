import express from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { requiredFieldErrors } from '../../web/forms/form-errors.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';
import { openDesk, takeReturn } from './desk-session.ts';

/** An officer opens a session at the desk with a personal key, which is kept nowhere, and closes it. */
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
      // Other characters cannot be sent in a header.
      if (!/^[\x21-\x7e]{1,512}$/.test(key)) return refuse();
      return submitForm(page, {
        idempotencyParts: ['desk-sign-in', key],
        send: (header) =>
          page.api.POST('/desk-sessions', { body: {}, params: { header }, headers: bearer(key) }),
        onSuccess: async (session) => {
          // Of this browser's former session no token is left.
          await endSession(page);
          openDesk(page, session);
          page.redirect(`/${page.language}/${takeReturn(page)}`);
        },
        onProblem: { 'not-authenticated': refuse },
        showErrors: (errors, { status }) => page.render('desk/sign-in.njk', { errors }, status),
      });
    }),
  )
  .post(
    '/desk/sign-out',
    withPageRequest(async (page) => {
      await endSession(page);
      page.clearCookie('desk');
      page.clearCookie('deskReturn');
      // The next person at this browser must not see the pages of this officer.
      page.clearEntries('deskPage');
      page.redirectToPage('desk-sign-in');
    }),
  );

/** Ends the session whose token this browser has; one that is over stays so. */
async function endSession(page: PageRequest): Promise<void> {
  const desk = page.readCookie('desk');
  if (!desk) return;
  const call = page.api.DELETE('/desk-sessions/current', { headers: bearer(desk.token) });
  await resultOf(call, page.language);
}
