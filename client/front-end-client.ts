import type { Language } from '../domain/languages.ts';
import { parseNetworkAddress } from '../platform/network-address.ts';
import { currentTraceparent } from '../platform/tracing.ts';
import { type ApiClient, createApiClient, type Transport, withTimeout } from './client.ts';

/** The citizen on whose behalf a front-end calls the API. */
export interface Caller {
  readonly language: Language;
  readonly address: string;
  readonly userAgent: string;
}

/** An address as `Forwarded` writes it ([RFC7239] 6); one that cannot be read, as an identifier of its own (6.3). */
function forwarded(address: string): string {
  const ip = parseNetworkAddress(address);
  if (ip === undefined) return `_${address.replace(/[^\w.-]/g, '_').slice(0, 100)}`;
  return ip.includes(':') ? `[${ip}]` : ip;
}

/** The headers that pass on who is behind a front-end. The API believes `Forwarded` beside a key only. */
export const headersOf = ({ language, address, userAgent }: Caller) => ({
  'Accept-Language': language,
  'User-Agent': userAgent,
  Forwarded: `for="${forwarded(address)}"`,
});

/** Continues the trace of the request that is being handled. */
export const traced =
  (send: Transport): Transport =>
  (request) => {
    const trace = currentTraceparent();
    if (trace !== undefined) request.headers.set('traceparent', trace);
    return send(request);
  };

/**
 * A client for a server-side front-end: it passes on the citizen's address, language and browser, shows the front-end's
 * key, and continues the trace of the page.
 */
export const frontEndClient = (
  { API_URL, FRONT_END_KEY }: { API_URL: string; FRONT_END_KEY: string },
  caller: Caller,
): ApiClient =>
  createApiClient({
    url: API_URL,
    headers: { ...headersOf(caller), 'X-Front-End-Key': FRONT_END_KEY },
    transport: traced(withTimeout()),
  });
