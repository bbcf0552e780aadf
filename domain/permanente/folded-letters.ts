// Latin letters that have no decomposition in Unicode, upper case (lower case where there is none), by what people type who
// do not have them on their keyboard. A part that joins letters (the apostrophe of ŉ and ẚ) is no letter.
const table =
  "A:Ⱥ AE:Æ B:ƀɃƁƂ C:ƇȻ D:ĐÐƉƊƋȡẟ DB:ȸ E:ƎƏƐɆ F:Ƒ G:ƓǤ H:Ħ HV:ƕǶ I:ƖƗ J:ȷɈ K:Ƙĸ L:ŁƚȽȴ LL:Ỻ M:Ɯ N:ŊƝȠȵ O:ØƆƟ OE:Œ OI:Ƣ OU:Ȣ P:Ƥ Q:Ɋ QP:ȹ R:ƦɌ S:ƧẜẝⱾƩ SS:ẞ T:ŦƫƬƮȶȾ TH:Þ U:ɄƱ V:Ʋ W:Ƿ Y:ƳɎ Z:ƵȤⱿƷ ':ʼʾ";

const plain: ReadonlyMap<string, string> = new Map(
  table.split(' ').flatMap((entry) => {
    const [letters = '', strange = ''] = entry.split(':');
    return [...strange].map((letter): [string, string] => [letter, letters]);
  }),
);

/**
 * A text without case, accents, strokes, ligatures and invisible characters, in upper case: Łuczak and luczak, Ærø and AERO, Weiß and weiss are
 * alike. Upper case, because it also brings together ß and ss, ς and σ.
 */
export const foldLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .toUpperCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/[^\p{ASCII}]/gu, (letter) => plain.get(letter) ?? letter);
