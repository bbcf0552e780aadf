/**
 * Recommendations that are not enforced, in the order of [clave]: the codes by which a front-end looks up the text.
 * Source: [clave], "Password security recommendations".
 */
export const passwordRecommendations = [
  'no-reuse',
  'no-personal-data',
  'no-keyboard-sequences',
  'no-repeats',
  'not-deducible',
  'never-written-or-sent',
] as const;

/** The code of one recommendation. */
export type PasswordRecommendationCode = (typeof passwordRecommendations)[number];
