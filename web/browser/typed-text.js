// The same as domain/typed-text.ts. A test compares the two for every character.

// What cannot be seen: format characters (bidirectional marks of a contacts app, zero-width spaces, soft hyphens), and
// what Unicode says is not to be drawn (variation selectors, fillers).
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

// Beside Pd: the minus signs, bullets and lines that editors and keyboards put for a hyphen, and two dashes of
// Windows-1252 that were read as ISO 8859-1.
const dashes = /[\p{Pd}\u0096\u0097\u02d7\u2043\u207b\u208b\u2212\u23af\u2500\u2501\u2796\uff70]/gu;

// Quotation marks, accents that stand alone, primes and modifier letters; \u0091 and \u0092 are of Windows-1252.
const apostrophes =
  /[`´\u0091\u0092\u02b9\u02bb-\u02bf\u02c8\u02ca\u02cb\u02f4\u0384\u055a\u05f3\u07f4\u07f5\u1fbd\u1fbf\u1ffe\u2018-\u201b\u2032\u2035\u275b\u275c\ua78b\ua78c\uff07\uff40]/gu;

const middleDots =
  /[\u0095\u1427\u16eb\u2022\u2027\u2219\u22c5\u23fa\u25cf\u2e31\u2e33\u30fb\ua78f\uff65\u{10101}]/gu;
const dots = /[\u2024\u3002\ufe52\uff0e\uff61]/gu;

// With the tab, which cells of a table leave, and the blank pattern of Braille. Not line breaks: what stands on two lines is
// two values, such as a header smuggled in after an email address.
const spaces = /[\t\p{Zs}\u2800]/gu;

// The letter l with a middle dot of older Catalan texts, and the ligatures of PDF documents.
const joinedLetters = /[Ŀŀﬀ-ﬆ]/gu;

/**
 * A typed or pasted text as the parsers of identifiers read it: without invisible characters, in NFC, with one sign for
 * every dash (`-`), apostrophe (`'`), middle dot (`·`), full stop (`.`) and space, and without spaces around it. Digits
 * and letters of other scripts stay as they are. Never for a password or a key: these are taken as typed.
 */
export const normaliseTypedText = (typed) =>
  typed
    .replace(invisible, '')
    .replace(joinedLetters, (letter) => letter.normalize('NFKC'))
    .normalize('NFC')
    .replace(dashes, '-')
    .replace(apostrophes, "'")
    .replace(middleDots, '·')
    .replace(dots, '.')
    .replace(spaces, ' ')
    .trim();

/** The same without what separates the parts of a number or code: spaces, line breaks, hyphens, dots and apostrophes. */
export const withoutSeparators = (typed) => normaliseTypedText(typed).replace(/[\s.·'-]/g, '');

/**
 * The SMS code in a pasted text, which may be the whole message, by the rule of domain/one-time-password.ts.
 * @param {string} text
 * @returns {string | undefined} undefined if there is none, or more than one
 */
export function otpIn(text) {
  const typed = normaliseTypedText(text);
  const runs = new Set(typed.match(/(?<![\p{L}\p{N}])[0-9]{6}(?![\p{L}\p{N}])/gu));
  const otp = /\p{L}/u.test(typed) ? (runs.size === 1 ? [...runs].join('') : '') : withoutSeparators(typed);
  return /^[0-9]{6}$/.test(otp) ? otp : undefined;
}
