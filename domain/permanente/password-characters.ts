/**
 * The 26 special characters that a password under `freeFrom` may have, in the order of [clave] (which lists `?` twice).
 * Source: [clave], "Password security requirements".
 */
export const specialCharacters = '¡!$?%&#@/\\()=¿*[];,:._<>+-';

// [clave]: «ñ», «ç» and accented vowels are letters. à è ò ü ï are our reading, for Catalan.
const lowerCase = 'abcdefghijklmnopqrstuvwxyzñçáéíóúàèòüï';
const upperCase = lowerCase.toUpperCase();
const digits = '0123456789';

/** The four groups of characters: everything that may stand in a password under `freeFrom`. */
export const characterGroups = {
  lowerCase: new Set(lowerCase),
  upperCase: new Set(upperCase),
  digit: new Set(digits),
  special: new Set(specialCharacters),
} as const;

/** The code points of a text: what a citizen would count as characters, once it is in NFC. */
export const charactersOf = (text: string): string[] => [...text];

/** Whether a text has at least one character of a group. */
export const hasOneOf = (group: ReadonlySet<string>, text: string): boolean =>
  charactersOf(text).some((character) => group.has(character));

/** Whether every character of a text belongs to one of the four groups. */
export const hasOnlyAllowed = (text: string): boolean =>
  charactersOf(text).every((character) =>
    Object.values(characterGroups).some((group) => group.has(character)),
  );
