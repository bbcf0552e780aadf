import { passwordRecommendations } from './password-recommendations.ts';
import { type PasswordLengths, passwordRules } from './password-rules.ts';

/**
 * The rules and recommendations as data: each rule with its code, who can check it (see `PasswordRule`) and the numbers
 * of its text. Numbers are characters (code points after NFC).
 */
export const passwordPolicy = (lengths: PasswordLengths) => ({
  rules: passwordRules.map(({ code, needs, parameters }) => ({
    code,
    needs,
    parameters: parameters(lengths),
  })),
  recommendations: passwordRecommendations.map((code) => ({ code })),
});
