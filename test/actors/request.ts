import { withRetry } from '../../client/retry.ts';
import { type HttpReply, type RequestOptions, requestOnce } from '../environment/http.ts';

/** The API that a request goes to. `retries: false`: each request is sent once, see `withoutRetries`. */
export interface ApiTarget {
  readonly url: string;
  readonly retries?: boolean;
}

/** The same service for tests of the 503 itself: each request is sent once, and without an `Idempotency-Key`. */
export const withoutRetries = <Service extends ApiTarget>(service: Service): Service => ({
  ...service,
  retries: false,
});

/** More patient than the default: nothing is wrong when a busy machine does not reply within the API's time limits. */
const transport = withRetry(fetch, {
  forMs: 30_000,
  pauseMs: (attempt) => Math.min(250 * 2 ** (attempt - 1), 2_000),
});

/** Sends one request as a front-end does: a 503 or a cut connection is repeated under the same `Idempotency-Key`. */
export const requestWithRetry = (
  api: ApiTarget,
  method: string,
  path: string,
  options: Omit<RequestOptions, 'transport'> = {},
): Promise<HttpReply> =>
  requestOnce(api, method, path, api.retries === false ? options : { ...options, transport });

/** The reply, or undefined if the connection was cut, which a flood of requests without retries has to expect. */
export const unlessCut = (reply: Promise<HttpReply>): Promise<HttpReply | undefined> =>
  reply.catch((error: unknown) => {
    if (!isCut(error)) throw error;
    return undefined;
  });

/** What `fetch` throws when a connection ends without an answer. */
const isCut = (error: unknown): boolean => (error as Error).message === 'fetch failed';
