import type { RequestHandler } from 'express';
import { type Visitor, withVisitor } from './visitor.ts';

/** Calls `handle` with the token of the session; a visitor without one is redirected to the sign-in page. */
export const requireSession = (
  handle: (visitor: Visitor, token: string) => Promise<void> | void,
): RequestHandler =>
  withVisitor((visitor) => {
    const token = visitor.readCookie('session');
    return token ? handle(visitor, token) : visitor.redirectToPage('sign-in', '?why=needed');
  });

/** Answers a session that the API no longer accepts: clears its cookie and redirects to the sign-in page. */
export function redirectToSignIn(visitor: Visitor): void {
  visitor.clearCookie('session');
  visitor.redirectToPage('sign-in', '?why=ended');
}
