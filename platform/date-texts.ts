import { peninsularTimeZone } from '../domain/calendar-days.ts';
import { type Language, localeOf } from '../domain/languages.ts';

// Making one costs more than all that is formatted with it for one page.
const formats = new Map<string, Intl.DateTimeFormat>();

function format(iso: string, locale: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known =
    formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: peninsularTimeZone });
  formats.set(key, known);
  return known.format(new Date(iso));
}

// Genitives, as a date in words needs them.
const basqueMonths = [
  'urtarrilaren',
  'otsailaren',
  'martxoaren',
  'apirilaren',
  'maiatzaren',
  'ekainaren',
  'uztailaren',
  'abuztuaren',
  'irailaren',
  'urriaren',
  'azaroaren',
  'abenduaren',
];

/**
 * A Basque date. Intl writes «2028(e)ko azaroaren 28(a)», because the suffixes depend on how the numbers are read: «bat»,
 * «bost», «hamar» and «hamabost» end in a consonant and take -eko, «hamaika» (11, 31) already ends in -a.
 */
function basqueDate(iso: string): string {
  const [day = 0, month = 0, year = 0] = format(iso, 'en-GB', { dateStyle: 'short' }).split('/').map(Number);
  const ofYear = [1, 5, 10, 15].includes(year % 20) ? 'eko' : 'ko';
  return `${year}${ofYear} ${basqueMonths[month - 1]} ${day}${day % 20 === 11 ? '' : 'a'}`;
}

/** A date in words: 24 de noviembre de 2028. `iso`: an instant (ISO 8601). */
export function dateText(iso: string, language: Language): string {
  if (language === 'eu') return basqueDate(iso);
  const text = format(iso, localeOf(language), { dateStyle: 'long' });
  // Intl writes «del 2028»; «de 2028» is right too, and is what the texts of the pages write.
  return localeOf(language) === 'ca' ? text.replace(/ del (?=\d{4}$)/, ' de ') : text;
}

/** A date in words with the time of day. */
export const dateTimeText = (iso: string, language: Language): string =>
  `${dateText(iso, language)}, ${timeText(iso, language)}`;

/** A time of day in 24 hours, to the minute or the second. */
export const timeText = (iso: string, language: Language, seconds = false): string =>
  format(iso, localeOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(seconds && { second: '2-digit' }),
  });

/** The whole seconds until an instant (ISO 8601), rounded up as the scripts of the pages do; none once it is past. */
export const secondsUntil = (iso: string, nowMs = Date.now()): number =>
  Math.max(0, Math.ceil((Date.parse(iso) - nowMs) / 1_000));
