import { gsmCharacters, gsmExtendedCharacters } from '../../domain/gsm-alphabet.ts';

/**
 * How many text messages a body takes, as Twilio bills it: 160 places in GSM-7, 70 in UCS-2 as soon as one
 * character is outside it (as á, í, ó, ú are); 153 and 67 each when there are several. A character is never cut in two.
 */
export function segmentsOf(body: string): number {
  const characters = [...body];
  const gsm = characters.every(
    (character) => gsmCharacters.has(character) || gsmExtendedCharacters.has(character),
  );
  const widths = characters.map((character) =>
    gsm ? (gsmExtendedCharacters.has(character) ? 2 : 1) : character.length,
  );
  const [alone, each] = gsm ? [160, 153] : [70, 67];
  if (widths.reduce((sum, width) => sum + width, 0) <= alone) return 1;
  let segments = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > each) {
      segments += 1;
      used = 0;
    }
    used += width;
  }
  return segments;
}
