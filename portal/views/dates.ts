import type { Language } from '../../domain/languages.ts';
import { localeOf } from './wording.ts';

// Basque dates by Intl are right; the zone is that of the Peninsula, which pages name where an hour is shown.
const timeZone = 'Europe/Madrid';

/** A date in words: 24 de noviembre de 2028. */
export const dateText = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeZone }).format(new Date(iso));

/** A date and hour. */
export const dateTimeText = (iso: string, language: Language): string =>
  new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'long', timeStyle: 'short', timeZone }).format(
    new Date(iso),
  );

/** An hour of the clock, to the minute or the second. */
export const timeText = (iso: string, language: Language, seconds = false): string =>
  new Intl.DateTimeFormat(localeOf(language), {
    ...{ hour: '2-digit', minute: '2-digit', hour12: false, timeZone },
    ...(seconds && { second: '2-digit' }),
  }).format(new Date(iso));
