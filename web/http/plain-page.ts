import type { Language } from '../../domain/languages.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A page that needs no stylesheet, script, cookie or template: for what is refused before a page can be rendered. */
export const plainPage = (
  language: Language,
  { title, text, style }: { title: string; text: string; style?: string },
): string => `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(title)} – Cl@ve</title>${style ? `<style>${style}</style>` : ''}</head>
<body><main><h1>${escaped(title)}</h1><p>${escaped(text)}</p></main></body>
</html>
`;
