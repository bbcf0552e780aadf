import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Transport, withTimeout } from './client.ts';

/** When a request is repeated, and how often. */
export interface RetryOptions {
  /** No repetition begins later than this after the first attempt, in milliseconds. */
  readonly forMs?: number;
  /** The pause before an attempt, in milliseconds; `attempt` 1 is the first repetition. Default: `Retry-After`. */
  readonly pauseMs?: (attempt: number) => number;
  /** Called before each repetition with the answer of status 503, or the error that came instead of an answer. */
  readonly onRetry?: (request: Request, cause: Response | Error) => void;
}

const defaultPauseMs = 1_000;

/**
 * A transport that repeats a request until it has an answer other than 503, as a front-end should: after a 503 or a cut
 * connection only the API knows whether the request had an effect, so each repetition carries the `Idempotency-Key` of
 * the first. A POST without a key is given one.
 * @returns the last 503 when the time is up. @throws the last error, if that came instead of an answer.
 */
export const withRetry =
  (
    transport: Transport = withTimeout(),
    { forMs = 30_000, pauseMs, onRetry }: RetryOptions = {},
  ): Transport =>
  async (request) => {
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key'))
      request.headers.set('Idempotency-Key', randomUUID());
    const endMs = performance.now() + forMs;
    for (let attempt = 1; ; attempt += 1) {
      const result = await complete(transport, request.clone());
      if (result instanceof Response && result.status !== 503) return result;
      const pause = pauseMs?.(attempt) ?? retryAfterMs(result);
      if (performance.now() + pause >= endMs) {
        if (result instanceof Response) return result;
        throw result;
      }
      onRetry?.(request, result);
      await sleep(pause);
    }
  };

/** An answer with its whole body: a connection that is cut in the middle of one counts as no answer. */
async function complete(transport: Transport, request: Request): Promise<Response | Error> {
  try {
    const response = await transport(request);
    const body = await response.arrayBuffer();
    // A response to which HTTP allows no body may not be made with one, not even with an empty one.
    return new Response(body.byteLength === 0 ? null : body, response);
  } catch (error) {
    return error as Error;
  }
}

function retryAfterMs(result: Response | Error): number {
  const seconds =
    result instanceof Response ? Number(result.headers.get('Retry-After') ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) ? seconds * 1_000 : defaultPauseMs;
}
