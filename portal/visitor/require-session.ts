import type { RequestHandler } from 'express';
import type { Outcome } from '../../client/outcome.ts';
import { type Visitor, withVisitor } from './visitor.ts';

/** Answers somebody who is signed in; anybody else is sent to sign in first. */
export const requireSession = (answer: (visitor: Visitor, token: string) => Promise<void>): RequestHandler =>
  withVisitor((visitor) => {
    const token = visitor.readCookie('session');
    return token ? answer(visitor, token) : visitor.redirectToPage('sign-in', '?why=needed');
  });

/** Whether a refusal says that the session is over; then it is forgotten, and the way leads to a new one. */
export function sessionIsOver(visitor: Visitor, outcome: Outcome<unknown>): boolean {
  if (outcome.ok || outcome.problem.code !== 'not-authenticated') return false;
  visitor.clearCookie('session');
  visitor.redirectToPage('sign-in', '?why=ended');
  return true;
}
