import express from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { calendarDaysBetween } from '../../domain/calendar-days.ts';
import { redirectToSignIn, requireSession } from '../page-request/require-session.ts';
import { sessionTimeLimit } from '../page-request/time-limit.ts';
import { signedInServices } from '../pages.ts';

// The first SMS reminder is sent this long before a password expires.
const warningDays = 30;

/** The overview of a signed-in citizen, with the previous access ([ENS] op.acc.5 R5). */
export const myClave = express.Router().get(
  '/my-clave',
  requireSession(async (page, token) => {
    const current = await resultOf(
      page.api.GET('/sessions/current', { headers: bearer(token) }),
      page.language,
    );
    if (!current.ok) {
      const { code, status } = current.problem;
      if (code === 'not-authenticated') return redirectToSignIn(page);
      return page.render('layout/unavailable.njk', {}, status);
    }
    const { session, citizen } = current.data;
    const { passwordExpiresAt } = citizen;
    // There may be none: a session that a certificate opened needs no password.
    const daysLeft = passwordExpiresAt && calendarDaysBetween(Date.now(), Date.parse(passwordExpiresAt));
    page.render('my-clave/my-clave.njk', {
      session,
      citizen,
      timeLimit: sessionTimeLimit(page, session),
      daysLeft,
      expiresSoon: typeof daysLeft === 'number' && daysLeft <= warningDays,
      services: signedInServices,
    });
  }),
);
