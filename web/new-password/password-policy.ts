import { resultOf } from '../../client/call-result.ts';
import type { ApiClient } from '../../client/client.ts';
import type { Language } from '../../domain/languages.ts';
import { limits } from '../../domain/limits.ts';
import { characterGroups, specialCharacters } from '../../domain/permanente/password-characters.ts';
import { passwordPolicy } from '../../domain/permanente/password-policy.ts';
import { passwordPolicyText } from '../../platform/locales.ts';
import { inTime } from '../forms/in-time.ts';
import { generatorRules } from './generator-rules.ts';

/** What reading the policy needs of the request for a page. */
export interface PolicyReader {
  readonly language: Language;
  readonly api: ApiClient;
}

interface Policy {
  readonly rules: readonly {
    readonly code: string;
    readonly text: string;
    readonly parameters: Readonly<Record<string, number | string>>;
  }[];
  readonly recommendations: readonly { readonly code: string; readonly text: string }[];
}

/**
 * The rules and recommendations in the visitor's language, their numbers, and the character groups by which the page's
 * script checks. Those of our own files if the API does not answer: the API checks the password by its own in any case.
 */
export async function readPasswordPolicy(page: PolicyReader) {
  const policy = await inTime(resultOf(page.api.GET('/password-policy'), page.language));
  const { rules, recommendations }: Policy = policy?.ok ? policy.data : ownPolicy(page.language);
  const number = (code: string, name: keyof typeof limits.password) =>
    Number(rules.find((rule) => rule.code === code)?.parameters[name] ?? limits.password[name]);
  return {
    rules,
    recommendations,
    shortest: number('too-short', 'shortest'),
    freeFrom: number('needs-digit', 'freeFrom'),
    longest: number('too-long', 'longest'),
    specials: specialCharacters,
    generatorRules: generatorRules({
      shortest: number('too-short', 'shortest'),
      longest: number('too-long', 'longest'),
    }),
    characters: Object.fromEntries(
      Object.entries(characterGroups).map(([name, group]) => [name, [...group].join('')]),
    ),
  };
}

/** The policy of the files of this release, in the form of the API's. */
function ownPolicy(language: Language): Policy {
  const { rules, recommendations } = passwordPolicy(limits.password);
  return {
    rules: rules.map((rule) => ({
      ...rule,
      text: passwordPolicyText(rule.code, language, rule.parameters),
    })),
    recommendations: recommendations.map(({ code }) => ({ code, text: passwordPolicyText(code, language) })),
  };
}
