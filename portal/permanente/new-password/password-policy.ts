import { resultOf } from '../../../client/call-result.ts';
import { characterGroups } from '../../../domain/permanente/password-characters.ts';
import type { PageRequest } from '../../page-request/page-request.ts';

/** The rules and recommendations in the visitor's language, and the character groups by which the page's script checks. */
export async function readPasswordPolicy(page: PageRequest) {
  const policy = await resultOf(page.api.GET('/password-policy'), page.language);
  // A page without its rules still works: the API checks the password.
  return { ...(policy.ok ? policy.data : { rules: [], recommendations: [] }), characters: characters() };
}

const characters = () =>
  Object.fromEntries(Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]));
