import type { Request, RequestHandler } from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { inTime } from '../../web/forms/in-time.ts';
import { citizenPageAt } from '../pages.ts';
import { type PageRequest, withPageRequest } from './page-request.ts';

/** Calls `handler` with the token of the session; a visitor without one is redirected to the sign-in page. */
export const requireSession = (
  handler: (page: PageRequest, token: string, request: Request) => Promise<void> | void,
): RequestHandler =>
  withPageRequest((page, request) => {
    const token = page.readCookie('session');
    return token ? handler(page, token, request) : askToSignIn(page, 'needed');
  });

/**
 * Whether this browser's session is still open: a new password or an unsubscription may have ended it. The cookie of one
 * that is over is cleared, so that the menu offers to sign in.
 */
export async function hasOpenSession(page: PageRequest): Promise<boolean> {
  const token = page.readCookie('session');
  if (!token) return false;
  const reply = page.api.GET('/sessions/current', { headers: bearer(token) });
  const current = await inTime(resultOf(reply, page.language));
  if (!current) return false;
  if (!current.ok && current.problem.code === 'not-authenticated') page.clearCookie('session');
  return current.ok;
}

/** Clears what this browser holds of a session: its token and whose it was. */
export function forgetSession(page: PageRequest): void {
  page.clearCookie('session');
  page.clearCookie('username');
}

/** Answers a session that the API no longer accepts: clears its cookies and redirects to the sign-in page. */
export function redirectToSignIn(page: PageRequest): void {
  forgetSession(page);
  askToSignIn(page, 'ended');
}

/** Redirects to the sign-in page, which leads back to the page that was asked for. */
function askToSignIn(page: PageRequest, why: 'needed' | 'ended'): void {
  const asked = citizenPageAt(page.here, page.language);
  // Signing in leads to the overview anyway.
  const next = asked && asked !== 'my-clave' ? `&next=${asked}` : '';
  page.redirectToPage('sign-in', `?why=${why}${next}`);
}
