import { withoutSeparators } from './typed-text.js';

// The password rules of domain/permanente/password-rules.ts that need only the password. A property test compares the two.

/** @param {string} text */
const charactersOf = (text) => [...text];

/**
 * The codes of the rules that a password does not meet, of those that need only the password.
 * @param {string} password as it is typed
 * @param {{ shortest: number, freeFrom: number, longest: number }} lengths
 * @param {{ lowerCase: string, upperCase: string, digit: string, special: string }} groups the characters of each group
 * @returns {Set<string>}
 */
export function unmetRules(password, lengths, groups) {
  const characters = charactersOf(password.normalize('NFC'));
  const isFree = characters.length >= lengths.freeFrom;
  const hasOneOf = (group) => isFree || characters.some((character) => group.includes(character));
  const known = Object.values(groups).join('');
  const isWhole = !/\p{Surrogate}/u.test(password);
  const held = {
    'too-short': characters.length >= lengths.shortest,
    'needs-lower-case': hasOneOf(groups.lowerCase),
    'needs-upper-case': hasOneOf(groups.upperCase),
    'needs-digit': hasOneOf(groups.digit),
    'needs-special': hasOneOf(groups.special),
    'character-not-allowed':
      isWhole && (isFree || characters.every((character) => known.includes(character))),
    'too-long': characters.length <= lengths.longest,
  };
  return new Set(Object.keys(held).filter((code) => !held[code]));
}

const rows = ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm', '1234567890', 'abcdefghijklmnopqrstuvwxyz'];
const sequences = rows.flatMap((row) => [row, [...row].reverse().join('')]);

/**
 * The recommendation that a password does not follow: it contains a keyboard sequence or a repeated character.
 * @param {string} password
 * @returns {string | undefined} the recommendation's code
 */
export function recommendationAgainst(password) {
  const characters = charactersOf(password.toLowerCase());
  if (/(.)\1\1/u.test(password.toLowerCase())) return 'no-repeats';
  const runs = characters.map((_, start) => characters.slice(start, start + 4).join(''));
  const isRun = (run) => [...run].length === 4 && sequences.some((sequence) => sequence.includes(run));
  return runs.some(isRun) ? 'no-keyboard-sequences' : undefined;
}

/**
 * Whether the letter of a DNI or NIE matches its number, by the rule of domain/identity/national-id.ts.
 * @param {string} typed
 * @returns {boolean | undefined} undefined while the number is incomplete
 */
export function hasRightLetter(typed) {
  const match = /^(?:[Ee][Ss])?(?:([0-9]{1,8})|([XYZxyz])0?([0-9]{7})|([LMlm][0-9]{7}))([A-Za-z])$/.exec(
    withoutSeparators(typed),
  );
  if (!match) return undefined;
  const [, dni, nieLetter = '', nieDigits = '', other = '', letter = ''] = match;
  const digits = (dni ?? (nieLetter + nieDigits + other).toUpperCase())
    .replace(/^[LM]/, '')
    .replace(/^[XYZ]/, (first) => String('XYZ'.indexOf(first)));
  return 'TRWAGMYFPDXBNJZSQVHLCKE'.charAt(Number(digits) % 23) === letter.toUpperCase();
}
