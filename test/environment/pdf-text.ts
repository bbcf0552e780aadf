import { inflateSync } from 'node:zlib';

/** The runs of text of a document, each as every typeface of the document would read it. */
export function textRuns(document: Buffer): string[] {
  const raw = document.toString('latin1');
  const streams = [...raw.matchAll(/stream\n([\s\S]*?)\nendstream/g)].flatMap(([, body = '']) => {
    try {
      return inflateSync(Buffer.from(body, 'latin1')).toString('latin1');
    } catch {
      return [];
    }
  });
  const hexOf = (text: string) => [...text.matchAll(/<([0-9a-f ]+)>/gi)].map(([, hex = '']) => hex);
  // A ligature stands for several characters.
  const charactersOf = (hex: string) =>
    hex.split(' ').map((code) => String.fromCharCode(Number.parseInt(code, 16)));
  const typefaces = streams
    .filter((stream) => stream.includes('beginbfrange'))
    .map((stream) => [...stream.matchAll(/\[(.*?)\]/gs)].flatMap(([, list = '']) => hexOf(list)));
  const runs = streams.flatMap((stream) =>
    [...stream.matchAll(/\[([^\]]*)\] TJ/g)].map(([, run = '']) => hexOf(run).join('').match(/.{4}/g) ?? []),
  );
  const read = (glyphs: readonly string[], typeface: readonly string[]) =>
    glyphs.flatMap((glyph) => charactersOf(typeface[Number.parseInt(glyph, 16)] ?? '20')).join('');
  return runs.flatMap((glyphs) => typefaces.map((typeface) => read(glyphs, typeface)));
}
