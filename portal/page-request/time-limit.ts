import express from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { inTime } from '../../web/forms/in-time.ts';
import { secondsUntil, timeText } from '../../web/views/dates.ts';
import { addressOfPage } from '../pages.ts';
import { type PageRequest, withPageRequest } from './page-request.ts';

/** What `layout/time-limit.njk` needs: when the time runs out, and the form that asks for more. */
export interface TimeLimit {
  readonly endsAt: string;
  readonly secondsLeft: number;
  /** The address that gives more time, and its field `action`. */
  readonly extendAt: string;
  readonly action: string;
  /** What is said once the time is over, if what was typed is kept. */
  readonly over?: string;
}

/** The time limit that ends at an instant (ISO 8601). */
export const timeLimit = (endsAt: string, extendAt: string, action: string): TimeLimit => ({
  endsAt,
  secondsLeft: secondsUntil(endsAt),
  extendAt,
  action,
});

/** The time limit of this browser's session: the idle one, and at most the absolute one. */
export const sessionTimeLimit = (page: PageRequest, { idleAt }: { idleAt: string }): TimeLimit =>
  timeLimit(idleAt, `/${page.language}/session/extension`, 'session');

/**
 * The session of a page with a form, which is found over before anything is typed; opening the page restarts its idle
 * limit. `unknown`: the API did not answer.
 */
export async function readSessionLimit(
  page: PageRequest,
  token: string,
): Promise<TimeLimit | 'over' | 'unknown'> {
  const reply = page.api.GET('/sessions/current', { headers: bearer(token) });
  const current = await inTime(resultOf(reply, page.language));
  if (!current) return 'unknown';
  if (current.ok) return sessionTimeLimit(page, current.data.session);
  return current.problem.code === 'not-authenticated' ? 'over' : 'unknown';
}

/**
 * Answers a request for more time: a script gets the seconds that are left now and the text that names the end, a browser
 * without one the page. Without `endsAt` no time was given.
 */
export function answerExtension(
  page: PageRequest,
  endsAt: string | undefined,
  { text, backTo }: { text: (hour: string) => string; backTo: string },
): void {
  if (!page.wantsJson) page.redirect(backTo);
  else if (!endsAt) page.json({ secondsLeft: 0 });
  else page.json({ secondsLeft: secondsUntil(endsAt), text: text(timeText(endsAt, page.language)) });
}

/** Keeps the session open. */
export const sessionExtension = express.Router().post(
  '/session/extension',
  withPageRequest(async (page) => {
    const token = page.readCookie('session') ?? '';
    const reply = page.api.POST('/sessions/current/extension', { headers: bearer(token) });
    const extended = await resultOf(reply, page.language);
    const endsAt = extended.ok ? extended.data.session.idleAt : undefined;
    const backTo = addressOfPage('my-clave', page.language);
    answerExtension(page, endsAt, { text: (hour) => page.t('time-limit.session', { hour }), backTo });
  }),
);
