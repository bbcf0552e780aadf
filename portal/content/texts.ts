import { readFileSync } from 'node:fs';
import { type Language, languages } from '../../domain/languages.ts';
import type spanish from '../../locales/es/content.json';

/** The name of a page in `content.json`; the Spanish file defines the names. */
export type ContentName = keyof typeof spanish;

/** One block of a page: a heading, a paragraph or a list. */
export type Block = { readonly h: string } | { readonly p: string } | { readonly ul: readonly string[] };

const read = (language: Language): Readonly<Record<ContentName, readonly Block[]>> =>
  JSON.parse(readFileSync(new URL(`../../locales/${language}/content.json`, import.meta.url), 'utf8'));

const texts = Object.fromEntries(languages.map((language) => [language, read(language)])) as Readonly<
  Record<Language, Readonly<Record<ContentName, readonly Block[]>>>
>;

/** All pages of `content.json`. */
export const contentNames = Object.keys(texts.es) as ContentName[];

/** The blocks of a page in a language. */
export const contentOf = (language: Language, name: ContentName): readonly Block[] => texts[language][name];
