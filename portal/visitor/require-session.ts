import type { RequestHandler } from 'express';
import type { Outcome } from '../../client/outcome.ts';
import { forVisitor, type Visitor } from './visitor.ts';

/** Answers somebody who is signed in; anybody else is sent to sign in first. */
export const signedIn = (answer: (visitor: Visitor, token: string) => Promise<void>): RequestHandler =>
  forVisitor((visitor) => {
    const token = visitor.kept('session');
    return token ? answer(visitor, token) : visitor.goTo('sign-in', '?why=needed');
  });

/** Whether a refusal says that the session is over; then it is forgotten, and the way leads to a new one. */
export function sessionIsOver(visitor: Visitor, outcome: Outcome<unknown>): boolean {
  if (outcome.ok || outcome.problem.code !== 'not-authenticated') return false;
  visitor.forget('session');
  visitor.goTo('sign-in', '?why=ended');
  return true;
}
