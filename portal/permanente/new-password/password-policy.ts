import { outcomeOf } from '../../../client/outcome.ts';
import { characterGroups } from '../../../domain/permanente/password-characters.ts';
import type { Visitor } from '../../visitor/visitor.ts';

/** The rules and recommendations in the visitor's language, and the character groups by which the page's script checks. */
export async function readPasswordPolicy(visitor: Visitor) {
  const policy = await outcomeOf(visitor.api.GET('/password-policy'), visitor.language);
  // A page without its rules still works: the API checks the password.
  return { ...(policy.ok ? policy.data : { rules: [], recommendations: [] }), characters: characters() };
}

const characters = () =>
  Object.fromEntries(Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]));
