import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** The answers to many requests at once. */
export interface Flood {
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that ended without an answer. */
  readonly cut: number;
  /** Answers 429 or 503 without Retry-After. */
  readonly withoutRetryAfter: number;
  /** Until the last answer, in milliseconds. */
  readonly ms: number;
}

/** Sends all bodies at once, each on a connection of its own. */
export async function flood(address: string, bodies: readonly object[]): Promise<Flood> {
  const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const statuses: Record<string, number> = {};
  const errors: string[] = [];
  let withoutRetryAfter = 0;
  const startedAt = performance.now();
  const post = (body: object): Promise<void> =>
    new Promise((resolve) => {
      const content = JSON.stringify(body);
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) };
      const asked = request(address, { agent, method: 'POST', headers }, (response) => {
        const status = response.statusCode ?? 0;
        statuses[status] = (statuses[status] ?? 0) + 1;
        if ([429, 503].includes(status) && !response.headers['retry-after']) withoutRetryAfter += 1;
        text(response).then(
          () => resolve(),
          (error: Error) => {
            errors.push(error.message);
            resolve();
          },
        );
      });
      asked.on('error', (error) => {
        errors.push(error.message);
        resolve();
      });
      asked.end(content);
    });
  await Promise.all(bodies.map(post));
  return { statuses, cut: errors.length, withoutRetryAfter, ms: performance.now() - startedAt };
}
