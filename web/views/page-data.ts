import { type Language, languages } from '../../domain/languages.ts';
import { dateText, dateTimeText, timeText } from '../../platform/date-texts.ts';
import { type FormError, fieldErrorTexts } from '../forms/form-errors.ts';
import { type WordingKey, type WordingValues, wordings } from './wording.ts';

/** What the templates of every front-end may use: the language, its words and dates, and the errors of a form. */
export const pageData = (language: Language, errors: readonly FormError[] = []) => ({
  language,
  languages,
  errors,
  fieldErrors: fieldErrorTexts(errors),
  values: {},
  t: (key: WordingKey, values?: WordingValues) => wordings[language](key, values),
  ownName: (other: Language) => wordings[other]('language.own-name'),
  date: (iso: string) => dateText(iso, language),
  dateTime: (iso: string) => dateTimeText(iso, language),
  time: (iso: string, seconds?: boolean) => timeText(iso, language, seconds),
});
