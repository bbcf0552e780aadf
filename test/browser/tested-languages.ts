import { type Language, languages } from '../../domain/languages.ts';

/** `npm run test:pages` sets it. */
const isEvery = Boolean(process.env['CLAVE_EVERY_LANGUAGE']);

/** The languages in which slow proofs are made: all of them, or in `npm test` the first and the one with the longest words. */
export const languagesTried: readonly Language[] = isEvery ? languages : ['es', 'eu'];
