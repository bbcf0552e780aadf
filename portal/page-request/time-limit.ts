import express from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { inTime } from '../../web/forms/in-time.ts';
import { answerExtension, type TimeLimit, timeLimit } from '../../web/forms/time-limit.ts';
import { addressOfPage } from '../pages.ts';
import { type PageRequest, withPageRequest } from './page-request.ts';

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
