import type { RequestHandler } from 'express';
import { type PageRequest, withPageRequest } from './page-request.ts';

/** Calls `handler` with the token of the session; a visitor without one is redirected to the sign-in page. */
export const requireSession = (
  handler: (page: PageRequest, token: string) => Promise<void> | void,
): RequestHandler =>
  withPageRequest((page) => {
    const token = page.readCookie('session');
    return token ? handler(page, token) : page.redirectToPage('sign-in', '?why=needed');
  });

/** Answers a session that the API no longer accepts: clears its cookie and redirects to the sign-in page. */
export function redirectToSignIn(page: PageRequest): void {
  page.clearCookie('session');
  page.clearCookie('username');
  page.redirectToPage('sign-in', '?why=ended');
}
