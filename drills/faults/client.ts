import { setTimeout as sleep } from 'node:timers/promises';
import { Violation } from './violation.ts';

/** An answer of the API that is one: no 503 and no cut connection. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what the contract says is there, and fails if it is not
  readonly body: any;
  /** How often the same request was sent before it was answered. */
  readonly repeats: number;
}

export interface Call {
  readonly body?: unknown;
  readonly token?: string;
}

/** Longer than the API may take; then a client cuts the connection. */
const answerWithinMs = 7_000;
const pauseMs = 200;
/** Far beyond any recovery: who is not answered by then is stuck. */
const patienceMs = 60_000;

let keys = 0;

/** A front-end as it ought to be: the same request under the same Idempotency-Key until it is answered. */
export class Client {
  readonly #url: string;
  readonly #key: string;
  /** Answers got and how often had to be asked for them, in order. */
  readonly answers: { atMs: number; repeats: number }[] = [];
  /** What came instead of an answer, each time that it was asked again, in words. */
  readonly lost: string[] = [];

  constructor(url: string) {
    this.#url = url;
    keys += 1;
    this.#key = `client-${keys}`;
  }

  /** @throws Violation if there is no answer within a minute */
  async ask(method: string, path: string, { body, token }: Call = {}, url = this.#url): Promise<Answer> {
    const headers = {
      ...(method === 'POST' && { 'Idempotency-Key': `${this.#key}-${this.answers.length}` }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    };
    const request = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const entry = { atMs: 0, repeats: 0 };
    this.answers.push(entry);
    for (const end = Date.now() + patienceMs; Date.now() < end; await sleep(pauseMs)) {
      const answer = await once(`${url}/api/v1${path}`, request);
      if (typeof answer === 'object') {
        entry.atMs = performance.now();
        return { ...answer, repeats: entry.repeats };
      }
      this.lost.push(`${method} ${pattern(path)}: ${answer}`);
      entry.repeats += 1;
    }
    throw new Violation(`${method} ${pattern(path)} has no answer within a minute`);
  }
}

/** @returns words instead for 503, a connection that is cut or refused, and an answer that does not come */
async function once(url: string, request: RequestInit): Promise<Omit<Answer, 'repeats'> | string> {
  const sentAtMs = performance.now();
  const after = () => `after ${Math.round(performance.now() - sentAtMs)} ms`;
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(answerWithinMs) });
    const said = await response.text();
    if (response.status === 503) return `503 ${after()}`;
    return { status: response.status, body: said === '' ? undefined : JSON.parse(said) };
  } catch (error) {
    const { message, cause } = error as Error;
    return `${cause instanceof Error ? `${message}, ${cause.message}` : message} ${after()}`;
  }
}

/** A path without what is one journey's. */
export const pattern = (path: string): string => path.replace(/journeys\/[^/]+/, 'journeys/…');
