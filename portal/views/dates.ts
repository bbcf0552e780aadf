import { peninsularTimeZone } from '../../domain/calendar-days.ts';
import type { Language } from '../../domain/languages.ts';
import { localeOf } from './wording.ts';

const format = (iso: string, language: Language, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(localeOf(language), { ...options, timeZone: peninsularTimeZone }).format(
    new Date(iso),
  );

/** A date in words: 24 de noviembre de 2028. `iso`: an instant (ISO 8601). */
export const dateText = (iso: string, language: Language): string =>
  format(iso, language, { dateStyle: 'long' });

/** A date in words with the time of day. */
export const dateTimeText = (iso: string, language: Language): string =>
  format(iso, language, { dateStyle: 'long', timeStyle: 'short' });

/** A time of day in 24 hours, to the minute or the second. */
export const timeText = (iso: string, language: Language, seconds = false): string =>
  format(iso, language, {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    ...(seconds && { second: '2-digit' }),
  });
