import { characterGroups } from '../../domain/permanente/password-characters.ts';
import type { PasswordLengths } from '../../domain/permanente/password-rules.ts';

// In a character class of the attribute, `-` stands first and `]` last; other characters than ASCII are not allowed.
const specials = [...characterGroups.special].filter((character) => /[!-~]/.test(character));
const inside = specials.filter((character) => character !== '-' && character !== ']').join('');
const specialClass = `[-${inside}]]`;

/**
 * The rules of passwords as the attribute `passwordrules`, by which a browser or a password manager generates one that
 * is accepted. Source: Apple, "Customizing Password AutoFill Rules".
 */
export const generatorRules = ({
  shortest,
  longest,
}: Pick<PasswordLengths, 'shortest' | 'longest'>): string =>
  `minlength: ${shortest}; maxlength: ${longest}; required: lower; required: upper; required: digit; required: ${specialClass};`;
