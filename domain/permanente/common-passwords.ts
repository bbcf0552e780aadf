import { dictionary } from '@zxcvbn-ts/language-common';
import { commonInSpain } from './common-spanish-words.ts';

/**
 * A longer password is looked up as it is, and not decomposed into a word and its decoration: that bounds the work, and a
 * phrase is not a decorated word.
 */
const maxDecomposedLength = 48;
const minCoreLength = 5;
/** Share of a password that a common word must make up for the rest to be mere decoration. */
const minCommonShare = 0.6;

let list: ReadonlySet<string> | undefined;
// Built on first use: 50,000 entries, which most processes never need.
const common = (): ReadonlySet<string> => {
  list ??= new Set([...dictionary['passwords-common'], ...commonInSpain].map(folded));
  return list;
};

/**
 * Whether a password is one of the very common ones, whatever its case and accents, or one of them in disguise:
 * figures and signs around it (`¡Madrid2024!`), figures and signs for letters (`P@ssw0rd1!`). Longer phrases that
 * merely begin with such a word are not. Source: [ASVS] 6.2.4; lists: zxcvbn's 50,000 and our own for Spain.
 */
export function isCommonPassword(password: string): boolean {
  const text = folded(password);
  if (common().has(text)) return true;
  const characters = [...text];
  if (characters.length > maxDecomposedLength) return false;
  for (const [before, after] of decorations(text)) {
    const core = characters.slice(before, characters.length - after).join('');
    // A year or 1234 beside the word is as guessable as the word, so it counts as part of it.
    const covered =
      core.length +
      countPredictable(characters.slice(0, before)) +
      countPredictable(characters.slice(characters.length - after));
    if (core.length < minCoreLength || covered < minCommonShare * characters.length) continue;
    if (readings(core).some((reading) => common().has(reading))) return true;
  }
  return false;
}

/** Every way to take some of the non-letters off both ends: how many before, how many after. */
function* decorations(text: string): Generator<readonly [before: number, after: number]> {
  const [atStart] = /^\P{L}*/u.exec(text) ?? [''];
  const [atEnd] = /\P{L}*$/u.exec(text) ?? [''];
  const most = [...text].length;
  for (let before = 0; before <= [...atStart].length; before++) {
    for (let after = 0; after <= [...atEnd].length && before + after < most; after++) yield [before, after];
  }
}

/** What a core may stand for: itself, and the letters that its figures and signs look like. */
const readings = (core: string): string[] => [
  core,
  ...['i', 'l'].map((one) =>
    core.replace(/[@4013$5!7]/g, (sign) => ({ ...lookalikes, 1: one })[sign] ?? sign),
  ),
];

const lookalikes: Readonly<Record<string, string>> = {
  '@': 'a',
  4: 'a',
  0: 'o',
  3: 'e',
  $: 's',
  5: 's',
  '!': 'i',
  7: 't',
};

/** Number of characters beside a word that form a year, a run such as 1234 or 4321, or one repeated digit. */
function countPredictable(decoration: readonly string[]): number {
  const [digits = ''] = /[0-9]{3,}/.exec(decoration.join('')) ?? [];
  const isYear = /^(?:19|20)[0-9]{2}$/.test(digits);
  const steps = new Set([...digits].slice(1).map((digit, index) => Number(digit) - Number(digits[index])));
  const isRun = steps.size === 1 && [...steps].every((step) => Math.abs(step) <= 1);
  return isYear || isRun ? digits.length : 0;
}

/** Without case or accents: «contraseña» and «contrasena» are the same guess. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
