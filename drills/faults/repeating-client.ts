import { type ApiClient, createApiClient, type Transport, withTimeout } from '../../client/client.ts';
import { withRetry } from '../../client/retry.ts';
import { Violation } from './violation.ts';

/**
 * The 5 s within which the API answers, and 2 s for hashing a password on a busy machine. Then the client cuts the
 * connection and repeats: longer would only delay the recovery that is measured.
 */
const timeoutMs = 7_000;
const pauseMs = 200;
/** Far longer than any recovery takes: a request without an answer by then is stuck. */
const repeatForMs = 60_000;

/** A front-end: it repeats a request under its Idempotency-Key until it is answered, and records what came of each. */
export class RepeatingClient {
  /** Requests in order: when each was answered (by the clock of `performance`), and how often it was repeated. */
  readonly answers: { atMs: number; repeats: number }[] = [];
  /** For each repetition the 503 or the error that came instead of an answer, in words. */
  readonly lost: string[] = [];
  #request = '';

  /** The last request, as `POST /journeys/…/otp`. */
  get lastRequest(): string {
    return this.#request;
  }

  /** The API at an address. Its calls @throw Violation if there is no answer within a minute. */
  at(url: string): ApiClient {
    return createApiClient({ url, transport: (request) => this.#send(request) });
  }

  async #send(request: Request): Promise<Response> {
    this.#request = `${request.method} ${withoutId(new URL(request.url).pathname)}`;
    const entry = { atMs: 0, repeats: 0 };
    this.answers.push(entry);
    let sentAtMs = 0;
    const once: Transport = (attempt) => {
      sentAtMs = performance.now();
      return withTimeout(timeoutMs)(attempt);
    };
    const send = withRetry(once, {
      forMs: repeatForMs,
      pauseMs: () => pauseMs,
      onRetry: (_request, cause) => {
        const after = Math.round(performance.now() - sentAtMs);
        this.lost.push(`${this.#request}: ${inWords(cause)} after ${after} ms`);
        entry.repeats += 1;
      },
    });
    const response = await send(request).catch(() => undefined);
    if (response === undefined || response.status === 503)
      throw new Violation(`${this.#request} has no answer within a minute`);
    entry.atMs = performance.now();
    return response;
  }
}

function inWords(cause: Response | Error): string {
  if (cause instanceof Response) return String(cause.status);
  return cause.cause instanceof Error ? `${cause.message}, ${cause.cause.message}` : cause.message;
}

/** A path of the API without its base and without what is one journey's. */
const withoutId = (path: string): string =>
  path.replace('/api/v1', '').replace(/journeys\/[^/]+/, 'journeys/…');
