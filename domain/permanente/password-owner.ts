import { type NationalId, nationalIdDigits } from '../identity/national-id.ts';
import { foldLetters } from './folded-letters.ts';

/** Whose password it is: what the password must not contain. Names as registered; `nationalId` canonical. */
export interface PasswordOwner {
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string | null | undefined;
  readonly nationalId: string;
}

// The linking words that domain names as such (de, del, la, los, las, y, i), and those of the other languages of
// Spain and of Portugal. «d» and «l» are what is left of d'Ors and l'Estany.
const particles = new Set(
  'de del la los las y i el els les dels da do das dos e d l'.split(' ').map((word) => word.toUpperCase()),
);

/** Fewest letters of a part of a name that counts: shorter ones occur in any word. */
const minPartLength = 3;

// Between two words, or in the middle of l·l, a password may have any signs or none.
const gap = '[^\\p{L}\\p{N}]*';

/**
 * Whether a password contains the owner's name or a surname, without regard to case, accents, strokes or ligatures.
 *
 * - Given name: each word from three letters (María del Mar: maria, mar), and the whole from three (Li Na: lina). A
 *   given name of two letters does not count: only surnames count at any length.
 * - Surname: the whole at any length (Li, Xu), with and without its particles (de la Fe: fe), and, since people go
 *   by half of a compound one, each word of it from three letters (García Lorca: garcia, lorca).
 * - The words of a whole may stand together or be joined by any signs (San-Juan, san juan, sanjuan).
 * - Particles count only where a name is made of nothing else (a surname «La»).
 */
export function containsName(password: string, owner: PasswordOwner): boolean {
  const surnames = [owner.firstSurname, owner.secondSurname ?? ''];
  const needles = [...givenNameNeedles(owner.givenName), ...surnames.flatMap(surnameNeedles)];
  return needles.length > 0 && new RegExp(needles.join('|'), 'u').test(foldLetters(password));
}

/**
 * Whether a password contains the owner's DNI or NIE, with its letters or without, with or without dots, spaces and
 * the like between the figures. A DNI's leading zeros may be left out while five figures or more remain.
 */
export function containsId(password: string, owner: Pick<PasswordOwner, 'nationalId'>): boolean {
  const digits = nationalIdDigits(owner.nationalId as NationalId);
  const written = digits.length === 8 ? digits.replace(/^0{1,3}/, '') : digits;
  return new RegExp([...written].join(gap), 'u').test(password);
}

function givenNameNeedles(name: string): string[] {
  const words = wordsOf(name);
  return [words.join(gap), ...words.filter(isSignificant)].filter(
    (needle) => lettersIn(needle) >= minPartLength,
  );
}

function surnameNeedles(name: string): string[] {
  const words = wordsOf(name);
  const significant = words.filter(isSignificant);
  const parts = significant.filter((word) => lettersIn(word) >= minPartLength);
  return [words.join(gap), significant.join(gap), ...parts].filter((needle) => needle !== '');
}

/** The words of a name as patterns: folded letters, with a gap where l·l has its dot. */
const wordsOf = (name: string): string[] =>
  foldLetters(name)
    .split(/[^\p{L}·]+/u)
    .map((word) => word.split('·').filter(Boolean).join(gap))
    .filter(Boolean);

const isSignificant = (word: string): boolean => !particles.has(word);

const lettersIn = (needle: string): number => [...needle.replaceAll(gap, '')].length;
