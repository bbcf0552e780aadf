import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { PageRequest } from './page-request.ts';

/**
 * The national id that a citizen has typed, for the sealed cookie of the journey or session that it begins: the pages that
 * set a password name it in a hidden field, so that a password manager stores the pair.
 */
export function usernameIn(typed: string): { readonly username?: string } {
  const nationalId = parseNationalId(typed);
  return nationalId.ok ? { username: nationalId.value } : {};
}

/** Keeps whose the session is that has just been opened; nothing, if it was begun in a browser that does not tell. */
export function keepUsername(
  page: PageRequest,
  { username }: { readonly username?: string | undefined },
): void {
  if (username) page.writeCookie('username', { nationalId: username });
  else page.clearCookie('username');
}
