import type { RequestHandler } from 'express';
import { lengthMs } from '../../domain/durations.ts';
import { deskSession } from '../../domain/limits.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';

/** Opens the desk with an officer's key, or keeps it open. The key is stored in the sealed cookie only. */
export const openDesk = (page: PageRequest, key: string, openedAtMs = Date.now()): void =>
  page.writeCookie('desk', {
    key,
    openedAtMs,
    untilMs: Math.min(Date.now() + lengthMs(deskSession.idle), openedAtMs + lengthMs(deskSession.absolute)),
  });

/** Calls `handler` with the key of an officer whose desk is open; any other visitor is redirected to the desk's sign-in. */
export const requireOfficer = (
  handler: (page: PageRequest, officeKey: string) => Promise<void> | void,
): RequestHandler =>
  withPageRequest((page) => {
    const desk = page.readCookie('desk');
    if (!desk) return page.redirectToPage('desk-sign-in');
    if (desk.untilMs < Date.now()) return closeDesk(page);
    openDesk(page, desk.key, desk.openedAtMs);
    return handler(page, desk.key);
  });

/** Closes the desk, when its time is over or the API no longer accepts the key, and redirects to the desk's sign-in. */
export function closeDesk(page: PageRequest): void {
  page.clearCookie('desk');
  page.redirectToPage('desk-sign-in', '?ended=1');
}
