import createClient, { type Client } from 'openapi-fetch';
import type { paths } from './schema.ts';

export type { Journey, OpenedSession, Problem } from './schema.ts';

/** The API with typed paths, bodies and answers: `api.POST('/sessions', { body })`. */
export type ApiClient = Client<paths, 'application/json'>;

/** Sends one request. `fetch` is one; others wrap it: `withTimeout`, `withRetry`, a test's own checks. */
export type Transport = (request: Request) => Promise<Response>;

/** What a call resolves to: `data` of a 2xx answer or the parsed body of any other as `error`, never both. */
export interface Reply<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * A typed client for one API, made from its OpenAPI document (`schema.ts`).
 *
 * ```ts
 * const api = createApiClient({ url: 'http://127.0.0.1:3000', transport: withRetry(withTimeout(7_000)) });
 * const { journey, token } = await expectStatus(201, api.POST('/activations', { body }));
 * await expectStatus(200, journeyClient(api, { id: journey.id, token }).submitOtp('123456'));
 * const { response, error } = await api.POST('/sessions', { body, headers: bearer(token) });
 * ```
 *
 * `url`: the API's origin, without `/api/v1`. `headers`: sent with every request. `transport`: default `fetch`, once.
 */
export const createApiClient = ({
  url,
  headers = {},
  transport = withTimeout(),
  requestClass = Request,
}: {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly transport?: Transport;
  /** The class of the requests that the transport takes. */
  readonly requestClass?: typeof Request;
}): ApiClient =>
  createClient<paths, 'application/json'>({
    baseUrl: new URL('/api/v1', url).href,
    headers,
    fetch: transport,
    Request: requestClass,
  });

// The API answers within 5 s, plus the time for hashing a password; the rest is margin for a queue of hashes and the network.
export const defaultTimeoutMs = 12_000;

/** `fetch` that fails after `timeoutMs`. Follows no redirect: another host would get the keys and what was typed. */
export const withTimeout =
  (timeoutMs = defaultTimeoutMs): Transport =>
  (request) =>
    fetch(request, { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' });

/** The header with which an officer, a session or a journey authenticates. */
export const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** An answer with another status than the caller expects. `problem` is its body. */
export class UnexpectedStatus extends Error {
  readonly status: number;
  readonly problem: unknown;

  constructor(status: number, problem: unknown, expected: number) {
    super(`answered ${status} ${codeOf(problem) ?? ''} instead of ${expected}`);
    this.status = status;
    this.problem = problem;
  }
}

/** The code of a problem, undefined for any other body. */
export const codeOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : undefined;

/** Waits for a reply that must have this 2xx status. @returns its body. @throws UnexpectedStatus */
export async function expectStatus<Data>(
  status: number,
  reply: Promise<Reply<Data>>,
): Promise<NonNullable<Data>> {
  const { data, error, response } = await reply;
  if (response.status !== status) throw new UnexpectedStatus(response.status, error ?? data, status);
  return data as NonNullable<Data>;
}
