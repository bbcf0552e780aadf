import { resultOf } from '../../../client/call-result.ts';
import { limits } from '../../../domain/limits.ts';
import { characterGroups } from '../../../domain/permanente/password-characters.ts';
import type { PageRequest } from '../../page-request/page-request.ts';
import { generatorRules } from './generator-rules.ts';

/** The rules and recommendations in the visitor's language, and the character groups by which the page's script checks. */
export async function readPasswordPolicy(page: PageRequest) {
  const policy = await resultOf(page.api.GET('/password-policy'), page.language);
  // A page without its rules still works: the API checks the password.
  const { rules, recommendations } = policy.ok ? policy.data : { rules: [], recommendations: [] };
  const numberOf = (name: 'shortest' | 'longest'): number => {
    const numbers = rules.map(({ parameters }) => Number(parameters?.[name]));
    return numbers.find((number) => number > 0) ?? limits.password[name];
  };
  return {
    rules,
    recommendations,
    characters: characters(),
    generatorRules: generatorRules({ shortest: numberOf('shortest'), longest: numberOf('longest') }),
  };
}

const characters = () =>
  Object.fromEntries(Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]));
