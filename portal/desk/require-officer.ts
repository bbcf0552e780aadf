import type { RequestHandler } from 'express';
import { lengthMs } from '../../domain/durations.ts';
import { deskSession } from '../../domain/limits.ts';
import { type Visitor, withVisitor } from '../visitor/visitor.ts';

/** Opens the desk with an officer's key, or keeps it open. The key is stored in the sealed cookie only. */
export const openDesk = (visitor: Visitor, key: string, openedAtMs = Date.now()): void =>
  visitor.writeCookie('desk', {
    key,
    openedAtMs,
    untilMs: Math.min(Date.now() + lengthMs(deskSession.idle), openedAtMs + lengthMs(deskSession.absolute)),
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
