import type { Language } from '../domain/languages.ts';
import { problemText } from '../platform/locales.ts';
import type { Problem, Reply } from './client.ts';

/** What a page makes of a reply: the data, or a problem with the instant (ms) from which the call may be repeated. */
export type CallResult<Data> =
  | { readonly ok: true; readonly status: number; readonly data: Data }
  | { readonly ok: false; readonly problem: Problem; readonly retryAtMs: number | undefined };

/**
 * Waits for a reply. Everything that is no answer of the API (no connection, too late, a proxy's page) counts as
 * `temporarily-unavailable`, so that a page handles problems only.
 */
export async function resultOf<Data>(
  reply: Promise<Reply<Data>>,
  language: Language,
): Promise<CallResult<NonNullable<Data>>> {
  try {
    const { data, error, response } = await reply;
    if (response.ok) return { ok: true, status: response.status, data: data as NonNullable<Data> };
    if (!isProblem(error)) return unavailable(language);
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    return {
      ok: false,
      problem: error,
      retryAtMs: Number.isFinite(seconds) ? Date.now() + seconds * 1_000 : undefined,
    };
  } catch {
    return unavailable(language);
  }
}

const unavailable = (language: Language): CallResult<never> => ({
  ok: false,
  problem: {
    type: 'urn:clave:problem:temporarily-unavailable',
    code: 'temporarily-unavailable',
    status: 503,
    ...problemText('temporarily-unavailable', language),
  },
  retryAtMs: undefined,
});

const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
