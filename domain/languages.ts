/** The languages of every text, Spanish first: Ley 39/2015 art. 15 (the co-official ones) and English. BCP 47 tags. */
export const languages = ['es', 'ca', 'gl', 'eu', 'ca-valencia', 'en'] as const;

/** One of the languages in which every text exists. */
export type Language = (typeof languages)[number];

// Intl has no plural rules or dates for Valencian: those of Catalan are used. English dates are European.
const locales: Partial<Record<Language, string>> = { 'ca-valencia': 'ca', en: 'en-GB' };

/** The locale of a language's dates and plurals. */
export const localeOf = (language: Language): string => locales[language] ?? language;

// Longer headers than any browser sends are not worth reading.
const maxHeaderLength = 1000;
const rangeShape = /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:\s*;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?$/;

/**
 * The language for an `Accept-Language` header: the best-liked one that we have, Spanish if there is none or the
 * header is malformed or beyond reason. Regional forms count as their language (es-MX is es), except Valencian
 * (`ca-valencia`, `ca-ES-valencia`, and `val`, which is no registered tag but is sent). Source: RFC 9110 12.5.4.
 */
export function languageFrom(acceptLanguage: string | undefined): Language {
  if (!acceptLanguage || acceptLanguage.length > maxHeaderLength) return 'es';
  let best: { language: Language; quality: number } = { language: 'es', quality: 0 };
  for (const element of acceptLanguage.toLowerCase().split(',')) {
    const range = element.trim();
    if (range === '') continue; // RFC 9110 5.6.1.2: empty list elements are to be ignored.
    const match = rangeShape.exec(range);
    if (!match?.[1]) return 'es';
    const language = languageOf(match[1]);
    const quality = Number(match[2] ?? 1);
    if (language && quality > best.quality) best = { language, quality };
  }
  return best.language;
}

function languageOf(range: string): Language | undefined {
  const [primary, ...subtags] = range.split('-');
  if (primary === '*') return 'es';
  if (primary === 'val' || (primary === 'ca' && subtags.includes('valencia'))) return 'ca-valencia';
  return languages.find((language) => language === primary);
}
