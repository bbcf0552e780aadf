import type { RequestHandler } from 'express';
import { type Visitor, withVisitor } from '../visitor/visitor.ts';

// The desk closes after this time without a request, as a citizen's session does. A decision of this project.
const idleMs = 15 * 60_000;
// A working day: limits the use of a copied cookie ([ASVS] 7.3.2). A decision of this project.
const maxOpenMs = 9 * 3_600_000;

/** Opens the desk with an officer's key, or keeps it open. The key is stored in the sealed cookie only. */
export const openDesk = (visitor: Visitor, key: string, openedAtMs = Date.now()): void =>
  visitor.writeCookie('desk', {
    key,
    openedAtMs,
    untilMs: Math.min(Date.now() + idleMs, openedAtMs + maxOpenMs),
  });

/** Calls `handle` with the key of an officer whose desk is open; any other visitor is redirected to the desk's sign-in. */
export const requireOfficer = (
  handle: (visitor: Visitor, officeKey: string) => Promise<void> | void,
): RequestHandler =>
  withVisitor((visitor) => {
    const desk = visitor.readCookie('desk');
    if (!desk) return visitor.redirectToPage('desk-sign-in');
    if (desk.untilMs < Date.now()) return closeDesk(visitor);
    openDesk(visitor, desk.key, desk.openedAtMs);
    return handle(visitor, desk.key);
  });

/** Closes the desk, when its time is over or the API no longer accepts the key, and redirects to the desk's sign-in. */
export function closeDesk(visitor: Visitor): void {
  visitor.clearCookie('desk');
  visitor.redirectToPage('desk-sign-in', '?ended=1');
}
