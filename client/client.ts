import createClient, { type Client } from 'openapi-fetch';
import type { Language } from '../domain/languages.ts';
import { problemText } from '../platform/locales.ts';
import { traceparent } from '../platform/tracing.ts';
import type { Problem, paths } from './schema.ts';

export type { Journey, OpenedSession, Problem } from './schema.ts';

/** The API, for one citizen's request. */
export type Api = Client<paths, 'application/json'>;

/** On whose behalf the API is called. */
export interface Caller {
  readonly language: Language;
  readonly address: string;
  readonly userAgent: string;
}

/** What the API said: its answer, or a problem with the status and the instant (ms) from which it may be asked again. */
export type Outcome<Data> =
  | { readonly ok: true; readonly status: number; readonly data: Data }
  | { readonly ok: false; readonly problem: Problem; readonly retryAtMs: number | undefined };

// The API itself gives up within five seconds; longer than this it is not there.
const longestWaitMs = 12_000;

/** An address as `Forwarded` writes it, without the port that some proxies leave with it. */
function forwarded(address: string): string {
  const [, ip = address] =
    /^(\d+(?:\.\d+){3}):\d+$/.exec(address) ?? /^\[(.+)\](?::\d+)?$/.exec(address) ?? [];
  return ip.includes(':') ? `[${ip}]` : ip;
}

/** A client that passes on the citizen's address, language and browser, and shows the front-end's key. */
export const apiFor = (
  { API_URL, FRONT_END_KEY }: { API_URL: string; FRONT_END_KEY: string },
  { language, address, userAgent }: Caller,
): Api =>
  createClient<paths, 'application/json'>({
    baseUrl: new URL('/api/v1', API_URL).href,
    headers: {
      'Accept-Language': language,
      'User-Agent': userAgent,
      'X-Front-End-Key': FRONT_END_KEY,
      Forwarded: `for="${forwarded(address)}"`,
    },
    fetch: (request) => {
      const trace = traceparent();
      if (trace !== undefined) request.headers.set('traceparent', trace);
      // To nobody else: the key and what was typed would go along.
      return fetch(request, { signal: AbortSignal.timeout(longestWaitMs), redirect: 'error' });
    },
  });

interface Reply<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * Waits for a reply. Whatever is no answer of the API (nobody there, too late, a proxy's page) counts as
 * `temporarily-unavailable`, so that a page need know only problems.
 */
export async function outcomeOf<Data>(
  reply: Promise<Reply<Data>>,
  language: Language,
): Promise<Outcome<NonNullable<Data>>> {
  const gone = (): Outcome<never> => ({
    ok: false,
    retryAtMs: undefined,
    problem: {
      type: 'urn:clave:problem:temporarily-unavailable',
      ...{
        code: 'temporarily-unavailable',
        status: 503,
        ...problemText('temporarily-unavailable', language),
      },
    },
  });
  try {
    const { data, error, response } = await reply;
    if (response.ok) return { ok: true, status: response.status, data: data as NonNullable<Data> };
    if (!isProblem(error)) return gone();
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    return {
      ok: false,
      problem: error,
      retryAtMs: Number.isFinite(seconds) ? Date.now() + seconds * 1_000 : undefined,
    };
  } catch {
    return gone();
  }
}

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;

/** The header of somebody who holds a token. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
