import { createRequire } from 'node:module';
import path from 'node:path';
import { type Font, openSync } from 'fontkit';

// The standard fonts of PDF lack letters that names have: Łukasz, Ștefan.
const folder = path.join(
  path.dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
);
const files = {
  regular: 'DejaVuSans.ttf',
  bold: 'DejaVuSans-Bold.ttf',
  'fixed-width': 'DejaVuSansMono-Bold.ttf',
} as const;

type Typeface = keyof typeof files;
export const typefaces = Object.keys(files) as Typeface[];

const opened = new Map<Typeface, Font>();

/**
 * A typeface of our documents, opened once for each process: to read its tables takes longer than to write a document, and
 * nothing else is answered meanwhile.
 */
export function typeface(name: Typeface): Font {
  const font = opened.get(name) ?? (openSync(path.join(folder, files[name])) as Font);
  opened.set(name, font);
  return font;
}
