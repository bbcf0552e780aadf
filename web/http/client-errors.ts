import { createHash } from 'node:crypto';
import { type Server, STATUS_CODES } from 'node:http';
import { type Language, languageFrom, languages } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';
import { wordings } from '../views/wording.ts';
import { plainPage } from './plain-page.ts';

/** Time (ms) for which a refused connection stays open, so that the browser can read the page. */
const lingerMs = 2_000;

type ClientError = Error & { readonly code?: string; readonly rawPacket?: Buffer };

/**
 * Answers what Node's HTTP parser refuses with a page: Node itself would send a status without a body, which a browser
 * shows as an error of its own. Most often these are too many cookies of other applications on the same host.
 */
export function answerClientErrors(server: Server): void {
  server.on('clientError', (error: ClientError, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
    const language = languageOf(error.rawPacket?.toString('latin1') ?? '');
    const { status, title, text } = refusalOf(error.code, language);
    const html = plainPage(language, { title, text, style });
    const headers = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: text/html; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(html)}`,
      `Content-Language: ${language}`,
      `Content-Security-Policy: default-src 'none';style-src '${styleDigest}';frame-ancestors 'none'`,
      'Cache-Control: no-store',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
    ];
    socket.end(`${headers.join('\r\n')}\r\n\r\n${html}`);
    // Delayed: destroying a connection with unread bytes resets it, and the browser would lose the page.
    const linger = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(linger));
  });
}

function refusalOf(
  code: string | undefined,
  language: Language,
): { status: number; title: string; text: string } {
  const t = wordings[language];
  if (code === 'HPE_HEADER_OVERFLOW')
    return { status: 431, title: t('headers-too-large.title'), text: t('headers-too-large.text') };
  const [status, problem] =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? ([408, 'request-timeout'] as const)
      : code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW'
        ? ([413, 'payload-too-large'] as const)
        : ([400, 'malformed-request'] as const);
  const { title, detail } = problemText(problem, language);
  return { status, title, text: detail };
}

/** The language of the address in the part of the request that was received, or else of its Accept-Language. */
function languageOf(received: string): Language {
  const [, ofAddress] = /^[A-Z]+ \/([a-z-]+)[/? ]/.exec(received) ?? [];
  const [, accepted] = /\r\naccept-language:([^\r\n]*)\r\n/i.exec(received) ?? [];
  return languages.find((language) => language === ofAddress) ?? languageFrom(accepted?.trim());
}

// Within the page: with the same headers, a stylesheet would be refused like the page.
const style =
  ':root{color-scheme:light dark}body{font:1.1875rem/1.5 sans-serif;max-width:40rem;margin:0 auto;padding:2rem 1rem}';
const styleDigest = `sha256-${createHash('sha256').update(style).digest('base64')}`;
