import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { PageRequest } from './page-request.ts';

/**
 * Keeps the national id with which a citizen has just begun a journey, or opened a session (no `journeyId`), in a sealed
 * cookie: the pages that set a password name it in a hidden field, so that a password manager stores the pair.
 */
export function keepUsername(page: PageRequest, typed: string, journeyId?: string): void {
  const nationalId = parseNationalId(typed);
  if (nationalId.ok)
    page.writeCookie('username', { nationalId: nationalId.value, ...(journeyId && { journeyId }) });
}

/**
 * The national id of this journey, or of the session; undefined if it was begun in another browser, or another journey has
 * been begun in this one since: a wrong name would be worse than none.
 */
export function usernameOf(page: PageRequest, journeyId?: string): string | undefined {
  const kept = page.readCookie('username');
  return kept && kept.journeyId === journeyId ? kept.nationalId : undefined;
}
