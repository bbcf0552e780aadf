import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, type Reply } from '../environment/http.ts';

/** The API that a request goes to. `retries: false`: each request is sent once, see `withoutRetries`. */
export interface Api {
  readonly url: string;
  readonly retries?: boolean;
}

/** The same service for tests of the 503 itself: each request is sent once, and without an `Idempotency-Key`. */
export const withoutRetries = <Service extends Api>(service: Service): Service => ({
  ...service,
  retries: false,
});

const retryForMs = 30_000;

/**
 * Sends one request as a front-end does. The time limits of the API are wall clock, so a busy machine may answer 503
 * or cut the connection where nothing is wrong: the same request then follows under the same `Idempotency-Key`, which
 * has one effect.
 */
export async function request(
  api: Api,
  method: string,
  path: string,
  { headers = {}, ...options }: NonNullable<Parameters<typeof call>[3]> = {},
): Promise<Reply> {
  if (api.retries === false) return call(api, method, path, { ...options, headers });
  const keyed = method === 'POST' ? { 'Idempotency-Key': randomUUID(), ...headers } : headers;
  const endMs = performance.now() + retryForMs;
  for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
    const isLast = performance.now() + pauseMs > endMs;
    const reply = await call(api, method, path, { ...options, headers: keyed }).catch((error: unknown) => {
      if (isLast || !isCut(error)) throw error;
    });
    if (reply && (reply.status !== 503 || isLast)) return reply;
    await sleep(pauseMs);
  }
}

/** The reply, or undefined if the connection was cut, which a flood of requests without retries has to expect. */
export const unlessCut = (reply: Promise<Reply>): Promise<Reply | undefined> =>
  reply.catch((error: unknown) => {
    if (!isCut(error)) throw error;
    return undefined;
  });

/** What `fetch` throws when a connection ends without an answer. */
const isCut = (error: unknown): boolean => (error as Error).message === 'fetch failed';
