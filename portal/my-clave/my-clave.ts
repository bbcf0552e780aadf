import express from 'express';
import { bearer } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { signedInServices } from '../pages.ts';
import { redirectToSignIn, requireSession } from '../visitor/require-session.ts';

const dayMs = 86_400_000;
// The first SMS reminder is sent this long before a password expires.
const warningDays = 30;

/** The overview of a signed-in citizen, with the previous access ([ENS] op.acc.5 R5). */
export const myClave = express.Router().get(
  '/my-clave',
  requireSession(async (visitor, token) => {
    const current = await outcomeOf(
      visitor.api.GET('/sessions/current', { headers: bearer(token) }),
      visitor.language,
    );
    if (!current.ok) {
      const { code, status } = current.problem;
      if (code === 'not-authenticated') return redirectToSignIn(visitor);
      return visitor.render('layout/unavailable.njk', {}, status);
    }
    const { session, citizen } = current.data;
    const daysLeft = Math.floor((Date.parse(citizen.passwordExpiresAt) - Date.now()) / dayMs);
    visitor.render('my-clave/my-clave.njk', {
      session,
      citizen,
      daysLeft,
      expiresSoon: daysLeft < warningDays,
      services: signedInServices,
    });
  }),
);
