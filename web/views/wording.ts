import { readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, languages, localeOf } from '../../domain/languages.ts';
import type spanishDesk from '../../locales/es/desk.json';
import type spanishGateway from '../../locales/es/gateway.json';
import type spanishPortal from '../../locales/es/portal.json';

/** The key of a text in `portal.json`, `desk.json` or `gateway.json`; the Spanish files define the keys. */
export type WordingKey = keyof typeof spanishPortal | keyof typeof spanishDesk | keyof typeof spanishGateway;

/** The values of a text's placeholders. */
export type WordingValues = Readonly<Record<string, string | number>>;

/** Returns a text in one language, formatted as an ICU message. @throws RangeError for an unknown key */
export type Translate = (key: WordingKey, values?: WordingValues) => string;

// Relative to this file: in a build, the copy beside dist/web/.
const read = (language: Language, file: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../locales/${language}/${file}.json`, import.meta.url), 'utf8'));

const readAll = (language: Language): Record<string, string> => ({
  ...read(language, 'portal'),
  ...read(language, 'desk'),
  ...read(language, 'gateway'),
});

const wordingOf = (language: Language): Translate => {
  const texts = readAll(language);
  const formats = new Map<string, IntlMessageFormat>();
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new RangeError(`no text ${key} in ${language}`);
    // Neither a placeholder nor a quoted character: ICU leaves it as it is.
    if (!/[{}']/.test(text)) return text;
    // Texts contain no tags: `<` is a character.
    const format =
      formats.get(key) ?? new IntlMessageFormat(text, localeOf(language), undefined, { ignoreTag: true });
    formats.set(key, format);
    return String(format.format({ ...values }));
  };
};

/** The texts of all languages, read when this module is loaded. */
export const wordings = Object.fromEntries(
  languages.map((language) => [language, wordingOf(language)]),
) as Readonly<Record<Language, Translate>>;

const keys: ReadonlySet<string> = new Set(Object.keys(readAll('es')));

/** Error texts of a part of the pages, which go before those of all. The desk speaks of a third person. */
export type ErrorScope = 'desk.error';

/**
 * The text of a field's error: the first that exists of `<scope>.<field>.<code>`, `error.<field>.<code>`,
 * `error.<field>.invalid-format`, `error.any.<code>` and `error.any.invalid-format`.
 */
export function fieldErrorText(t: Translate, field: string, code: string, scope?: ErrorScope): string {
  const candidates = [
    ...(scope ? [`${scope}.${field}.${code}`] : []),
    ...[`error.${field}.${code}`, `error.${field}.invalid-format`, `error.any.${code}`],
  ];
  return t((candidates.find((key) => keys.has(key)) ?? 'error.any.invalid-format') as WordingKey);
}
