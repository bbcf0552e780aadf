import { outcomeOf } from '../../../client/outcome.ts';
import { characterGroups } from '../../../domain/permanente/password-characters.ts';
import type { Visitor } from '../../visitor/visitor.ts';

/** The rules and recommendations in the visitor's language, with what the page's script needs to tick them off. */
export async function readPasswordPolicy(visitor: Visitor) {
  const read = await outcomeOf(visitor.api.GET('/password-policy'), visitor.language);
  if (!read.ok) return { rules: [], recommendations: [], characters: characters() };
  return { ...read.data, characters: characters() };
}

/** The four groups of letters and signs, as text. */
const characters = () =>
  Object.fromEntries(Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]));
