import type { ServerResponse } from 'node:http';
import { type Language, languages } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';
import { plainPage } from './plain-page.ts';

type Refusal = 'temporarily-unavailable' | 'too-many-requests';

const statuses: Readonly<Record<Refusal, number>> = {
  'temporarily-unavailable': 503,
  'too-many-requests': 429,
};

function pageOf(refusal: Refusal, language: Language): string {
  const { title, detail } = problemText(refusal, language);
  return plainPage(language, { title, text: detail });
}

// Made once: a refusal must cost far less than a page.
const refusalPages = new Map(
  languages.flatMap((language) =>
    (Object.keys(statuses) as Refusal[]).map((refusal) => [
      `${refusal} ${language}`,
      pageOf(refusal, language),
    ]),
  ),
);

/** Refuses a request with a page that needs no style, script, cookie or template. */
export function sendRefusalPage(
  refusal: Refusal,
  language: Language,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void {
  const html = refusalPages.get(`${refusal} ${language}`) ?? '';
  response
    .writeHead(statuses[refusal], {
      'Cache-Control': 'no-store',
      'Content-Language': language,
      'Content-Length': Buffer.byteLength(html),
      'Content-Security-Policy': "default-src 'none';frame-ancestors 'none'",
      'Content-Type': 'text/html; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...headers,
    })
    .end(html);
}
