import { readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, languages } from '../domain/languages.ts';
import type { PasswordRecommendationCode } from '../domain/permanente/password-recommendations.ts';
import type { PasswordRuleCode } from '../domain/permanente/password-rules.ts';
import type spanishProblems from '../locales/es/problems.json';
import type spanishReceipt from '../locales/es/receipt.json';
import type spanishTexts from '../locales/es/texts.json';

/** The codes of problems, as the Spanish file lists them. */
export type ProblemCode = keyof typeof spanishProblems;

/** The keys of SMS messages, as the Spanish file lists them. */
export type SmsKey = keyof typeof spanishTexts;

/**
 * The placeholders of an SMS message. Codes are strings, to keep leading zeros, with their lifetime in minutes, and the short
 * name of the relying party if there is one; reminders have the days until the password expires.
 */
export type SmsValues<Key extends SmsKey> = Key extends 'otp.relying-party'
  ? { readonly code: string; readonly minutes: number; readonly party: string }
  : Key extends `otp.${string}`
    ? { readonly code: string; readonly minutes: number }
    : Key extends `reminder.${string}`
      ? { readonly days: number }
      : Readonly<Record<string, never>>;

/** The placeholders of a password rule's text: the rule's `parameters`. */
export type PasswordPolicyValues = Readonly<Record<string, string | number>>;

/** The keys of texts on receipts and signed requests, as the Spanish file lists them. */
export type ReceiptKey = keyof typeof spanishReceipt;

interface Catalogue {
  readonly problems: Readonly<Record<ProblemCode, { readonly title: string; readonly detail: string }>>;
  readonly texts: Readonly<Record<SmsKey, string>>;
  readonly receipt: Readonly<Record<ReceiptKey, string>>;
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
      receipt: read(language, 'receipt'),
      passwordPolicy: read(language, 'password-policy'),
    },
  ]),
) as Readonly<Record<Language, Catalogue>>;

/** Title and detail of a problem ([RFC9457]) in a language. */
export const problemText = (code: ProblemCode, language: Language): { title: string; detail: string } => ({
  ...catalogues[language].problems[code],
});

/** An SMS message in a language. @throws Error if a placeholder has no value */
export const smsMessage = <Key extends SmsKey>(
  key: Key,
  language: Language,
  values: SmsValues<Key>,
): string => formatMessage(catalogues[language].texts[key], language, values);

/** A password rule or recommendation in a language. @throws Error if a placeholder has no value */
export const passwordPolicyText = (
  code: PasswordRuleCode | PasswordRecommendationCode,
  language: Language,
  values: PasswordPolicyValues = {},
): string => formatMessage(catalogues[language].passwordPolicy[code], language, values);

/** The texts of receipts and signed requests in a language. The function throws Error if a placeholder has no value. */
export const receiptTexts =
  (language: Language) =>
  (key: ReceiptKey, values: PasswordPolicyValues = {}): string =>
    formatMessage(catalogues[language].receipt[key], language, values);

const formats = new Map<string, IntlMessageFormat>();

function formatMessage(message: string, language: Language, values: PasswordPolicyValues): string {
  const key = `${language} ${message}`;
  // Cached: parsing costs far more than formatting. `ignoreTag`: messages are plain text.
  const format = formats.get(key) ?? new IntlMessageFormat(message, language, undefined, { ignoreTag: true });
  formats.set(key, format);
  return String(format.format({ ...values }));
}
