import type { Language } from '../domain/languages.ts';
import { parseNetworkAddress } from '../platform/network-address.ts';
import { currentTraceparent } from '../platform/tracing.ts';
import { type ApiClient, createApiClient, withTimeout } from './client.ts';

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

/**
 * A client for a server-side front-end: it passes on the citizen's address, language and browser, shows the front-end's
 * key, without which the API does not believe `Forwarded`, and continues the trace of the page.
 */
export const frontEndClient = (
  { API_URL, FRONT_END_KEY }: { API_URL: string; FRONT_END_KEY: string },
  { language, address, userAgent }: Caller,
): ApiClient => {
  const send = withTimeout();
  return createApiClient({
    url: API_URL,
    headers: {
      'Accept-Language': language,
      'User-Agent': userAgent,
      'X-Front-End-Key': FRONT_END_KEY,
      Forwarded: `for="${forwarded(address)}"`,
    },
    transport: (request) => {
      const trace = currentTraceparent();
      if (trace !== undefined) request.headers.set('traceparent', trace);
      return send(request);
    },
  });
};
