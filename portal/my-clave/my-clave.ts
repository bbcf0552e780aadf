import express from 'express';
import { bearer } from '../../client/client.ts';
import { outcomeOf } from '../../client/outcome.ts';
import { requireSession, sessionIsOver } from '../visitor/require-session.ts';

const dayMs = 86_400_000;
// As the first of the reminders that the citizen gets by SMS.
const soonDays = 30;

/** Who is signed in and how their Cl@ve stands, with the access before this one ([ENS] op.acc.5 R5). */
export const myClave = express.Router().get(
  '/my-clave',
  requireSession(async (visitor, token) => {
    const found = await outcomeOf(
      visitor.api.GET('/sessions/current', { headers: bearer(token) }),
      visitor.language,
    );
    if (sessionIsOver(visitor, found)) return;
    if (!found.ok) return visitor.render('layout/unavailable.njk', {}, found.problem.status);
    const days = Math.floor((Date.parse(found.data.citizen.passwordExpiresAt) - Date.now()) / dayMs);
    visitor.render('my-clave/my-clave.njk', { ...found.data, days, isSoon: days < soonDays });
  }),
);
