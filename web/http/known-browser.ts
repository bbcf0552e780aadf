import { parseNationalId } from '../../domain/identity/national-id.ts';

/** The cookies of a front-end in which it keeps the tokens of this browser, one for each citizen who has signed in here. */
export interface BrowserTokens {
  /**
   * The ids of a citizen's entry, one for each key of the front-end, the current key's first: digests, since the name of a
   * cookie is not sealed.
   */
  idsOf(nationalId: string): readonly string[];
  read(id: string): string | undefined;
  write(id: string, token: string): void;
  clear(id: string): void;
}

/** None for what is not a national id. */
function entryIds(tokens: BrowserTokens, typed: string): readonly string[] {
  const nationalId = parseNationalId(typed);
  return nationalId.ok ? tokens.idsOf(nationalId.value) : [];
}

/** The token by which the API knows this browser to the citizen with the typed national id. */
export function browserTokenOf(tokens: BrowserTokens, typed: string): string | undefined {
  for (const id of entryIds(tokens, typed)) {
    const token = tokens.read(id);
    if (token !== undefined) return token;
  }
  return undefined;
}

/** Keeps the token of a right sign-in, in the place of that citizen's token before it. */
export function keepBrowserToken(tokens: BrowserTokens, typed: string, token: string | undefined): void {
  const [current, ...former] = entryIds(tokens, typed);
  if (current === undefined || token === undefined) return;
  tokens.write(current, token);
  for (const id of former) if (tokens.read(id) !== undefined) tokens.clear(id);
}
