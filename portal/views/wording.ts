import { readFileSync } from 'node:fs';
import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, languages } from '../../domain/languages.ts';
import type spanishDesk from '../../locales/es/desk.json';
import type spanishPortal from '../../locales/es/portal.json';

/** The key of a text of the pages; the Spanish files are the list. */
export type WordingKey = keyof typeof spanishPortal | keyof typeof spanishDesk;

/** What a text is filled in with. */
export type WordingValues = Readonly<Record<string, string | number>>;

/** Words in one language. */
export type Translate = (key: WordingKey, values?: WordingValues) => string;

// The folder above portal/: in a build, the copy beside dist/portal/.
const read = (language: Language, file: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`../../locales/${language}/${file}.json`, import.meta.url), 'utf8'));

// Intl has no plural rules or dates of its own for Valencian: they are those of Catalan. English is that of Europe.
const locales: Partial<Record<Language, string>> = { 'ca-valencia': 'ca', en: 'en-GB' };

/** The locale by which a language's dates and plurals are written. */
export const localeOf = (language: Language): string => locales[language] ?? language;

const wordingOf = (language: Language): Translate => {
  const texts = { ...read(language, 'portal'), ...read(language, 'desk') };
  const formats = new Map<string, IntlMessageFormat>();
  return (key, values = {}) => {
    const text = texts[key];
    if (text === undefined) throw new RangeError(`no text ${key} in ${language}`);
    // Tags mean nothing here; texts are plain.
    const format =
      formats.get(key) ?? new IntlMessageFormat(text, localeOf(language), undefined, { ignoreTag: true });
    formats.set(key, format);
    return String(format.format({ ...values }));
  };
};

/** Everything that the pages say. @throws RangeError for a text that is not there, at once rather than on a page. */
export const wordings = Object.fromEntries(
  languages.map((language) => [language, wordingOf(language)]),
) as Readonly<Record<Language, Translate>>;

const known: ReadonlySet<string> = new Set(Object.keys({ ...read('es', 'portal'), ...read('es', 'desk') }));

/** What is wrong with a field, in words: those for the field, or those for any. */
export function fieldErrorText(t: Translate, field: string, code: string): string {
  const keys = [`error.${field}.${code}`, `error.${field}.invalid-format`, `error.any.${code}`];
  return t((keys.find((key) => known.has(key)) ?? 'error.any.invalid-format') as WordingKey);
}
