import type { Request, RequestHandler } from 'express';
import { type PageRequest, withPageRequest } from './page-request.ts';

/** Calls `handler` with the token of the session; a visitor without one is redirected to the sign-in page. */
export const requireSession = (
  handler: (page: PageRequest, token: string, request: Request) => Promise<void> | void,
): RequestHandler =>
  withPageRequest((page, request) => {
    const token = page.readCookie('session');
    return token ? handler(page, token, request) : page.redirectToPage('sign-in', '?why=needed');
  });

/** Answers a session that the API no longer accepts: clears its cookie and redirects to the sign-in page. */
export function redirectToSignIn(page: PageRequest): void {
  page.clearCookie('session');
  page.redirectToPage('sign-in', '?why=ended');
}
