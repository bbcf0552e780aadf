import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { PageRequest } from './page-request.ts';

/**
 * The ids of the entry of a citizen, one for each key of the portal, the current key's first: digests, since the name of a
 * cookie is not sealed. None for what is not a national id.
 */
function entryIds(page: PageRequest, typed: string): readonly string[] {
  const nationalId = parseNationalId(typed);
  return nationalId.ok ? page.digests('portal-browser', nationalId.value) : [];
}

/** The token by which the API knows this browser to the citizen with the typed national id. */
export function browserTokenOf(page: PageRequest, typed: string): string | undefined {
  for (const id of entryIds(page, typed)) {
    const token = page.readEntry('browser', id);
    if (token !== undefined) return token;
  }
  return undefined;
}

/** Keeps the token of a right sign-in, in the place of that citizen's token before it. */
export function keepBrowserToken(page: PageRequest, typed: string, token: string | undefined): void {
  const [current, ...former] = entryIds(page, typed);
  if (current === undefined || token === undefined) return;
  page.writeEntry('browser', current, token);
  for (const id of former) if (page.readEntry('browser', id) !== undefined) page.clearEntry('browser', id);
}
