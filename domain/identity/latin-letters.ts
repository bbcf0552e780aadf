/**
 * For the class of a regular expression: the letters of the Latin script that the receipt's typeface has, precomposed, with
 * ª and º. Documents of identity issued in Spain have a name in this script whatever the original one is (docs/adr/0035).
 */
export const latinLetters = 'A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỻ';

/** For the same: the combining marks that the typeface has, for letters without a precomposed form (M̂, ẹ́). */
export const latinMarks = '\\u0300-\\u034e';

const otherLetter = new RegExp(`(?![${latinLetters}])\\p{L}`, 'u');

/** Whether a text has a letter of another script, so that its writer should give the Latin form of it. */
export const hasOtherScript = (text: string): boolean => otherLetter.test(text.normalize('NFC'));
