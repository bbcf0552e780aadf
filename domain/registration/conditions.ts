/**
 * The version of the conditions of use that who registers online accepts: kept with the evidence of the act. A new text of
 * the legal notice takes a new version.
 */
export const conditionsVersion = '2026-11';
