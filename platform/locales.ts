import { readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, languages } from '../domain/languages.ts';
import type { PasswordRecommendationCode } from '../domain/permanente/password-recommendations.ts';
import type { PasswordRuleCode } from '../domain/permanente/password-rules.ts';
import type spanishProblems from '../locales/es/problems.json';
import type spanishTexts from '../locales/es/texts.json';

/** The code of a problem that has words; the Spanish file is the list. */
export type ProblemCode = keyof typeof spanishProblems;

/** The key of a text message; the Spanish file is the list. */
export type SmsKey = keyof typeof spanishTexts;

/**
 * What a text message is filled in with: codes as texts, lest their zeros go, with the minutes for which they are
 * good; reminders with the days that are left.
 */
export type SmsValues<Key extends SmsKey> = Key extends `otp.${string}`
  ? { readonly code: string; readonly minutes: number }
  : Key extends `reminder.${string}`
    ? { readonly days: number }
    : Readonly<Record<string, never>>;

/** What a password rule's text speaks of: the rule's own `parameters`. */
export type PasswordPolicyValues = Readonly<Record<string, string | number>>;

interface Catalogue {
  readonly problems: Readonly<Record<ProblemCode, { readonly title: string; readonly detail: string }>>;
  readonly texts: Readonly<Record<SmsKey, string>>;
  readonly passwordPolicy: Readonly<Record<PasswordRuleCode | PasswordRecommendationCode, string>>;
}

// The folder beside platform/: in a build, the copy beside dist/platform/.
const read = (language: Language, file: string) =>
  JSON.parse(readFileSync(new URL(`../locales/${language}/${file}.json`, import.meta.url), 'utf8'));

const catalogues = Object.fromEntries(
  languages.map((language): [Language, Catalogue] => [
    language,
    {
      problems: read(language, 'problems'),
      texts: read(language, 'texts'),
      passwordPolicy: read(language, 'password-policy'),
    },
  ]),
) as Readonly<Record<Language, Catalogue>>;

/** Title and detail of a problem, as RFC 9457 has them, in a language. */
export const problemText = (code: ProblemCode, language: Language): { title: string; detail: string } => ({
  ...catalogues[language].problems[code],
});

/** A text message ready to be sent. @throws if a value is missing: better no message than one with a hole. */
export const smsMessage = <Key extends SmsKey>(
  key: Key,
  language: Language,
  values: SmsValues<Key>,
): string => formatMessage(catalogues[language].texts[key], language, values);

/** A password rule or recommendation in words. @throws if a value that the text speaks of is missing. */
export const passwordPolicyText = (
  code: PasswordRuleCode | PasswordRecommendationCode,
  language: Language,
  values: PasswordPolicyValues = {},
): string => formatMessage(catalogues[language].passwordPolicy[code], language, values);

const formats = new Map<string, IntlMessageFormat>();

function formatMessage(message: string, language: Language, values: PasswordPolicyValues): string {
  const key = `${language} ${message}`;
  // Parsed once: reading a message costs far more than filling it in. Tags mean nothing here; texts are plain.
  const format = formats.get(key) ?? new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
  formats.set(key, format);
  return String(format.format({ ...values }));
}
