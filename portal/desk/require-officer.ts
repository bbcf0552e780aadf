import type { RequestHandler } from 'express';
import type { Outcome } from '../../client/outcome.ts';
import { type Visitor, withVisitor } from '../visitor/visitor.ts';

// Unused this long, and the desk is closed: whoever left it must not leave it open. Ours, as a citizen's session.
const idleMs = 15 * 60_000;
// A working day, however much it is used: a cookie that was copied is good no longer either. Ours ([ASVS] 7.3.2).
const longestMs = 9 * 3_600_000;

/** Opens the desk with a key, or keeps it open; the key goes only into the sealed cookie. */
export const openOfficerSession = (visitor: Visitor, key: string, openedAtMs = Date.now()): void =>
  visitor.writeCookie('desk', {
    key,
    openedAtMs,
    untilMs: Math.min(Date.now() + idleMs, openedAtMs + longestMs),
  });

/** Answers an officer at an open desk; anybody else is asked for the key first. */
export const requireOfficer = (answer: (visitor: Visitor, key: string) => Promise<void>): RequestHandler =>
  withVisitor((visitor) => {
    const open = visitor.readCookie('desk');
    if (!open) return visitor.redirectToPage('desk-sign-in');
    if (open.untilMs < Date.now()) return closeDesk(visitor);
    openOfficerSession(visitor, open.key, open.openedAtMs);
    return answer(visitor, open.key);
  });

/** Whether a refusal says that the key is no longer good; then the desk is closed. */
export function deskIsClosed(visitor: Visitor, outcome: Outcome<unknown>): boolean {
  if (outcome.ok || outcome.problem.code !== 'not-authenticated') return false;
  closeDesk(visitor);
  return true;
}

function closeDesk(visitor: Visitor): void {
  visitor.clearCookie('desk');
  visitor.redirectToPage('desk-sign-in', '?ended=1');
}
