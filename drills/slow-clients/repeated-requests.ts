import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What became of one request that was sent again and again. */
export interface Repeated {
  /** How many were answered with each status; 0 without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Sends a request over and over, each time on a new connection, until `isOver`. With a body it is a POST. */
export async function repeat(
  url: string,
  body: object | undefined,
  isOver: () => boolean,
): Promise<Repeated> {
  const content = body && JSON.stringify(body);
  const statuses: Record<string, number> = {};
  let slowestMs = 0;
  while (!isOver()) {
    const startedAt = performance.now();
    const status = await send(url, content);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    statuses[status] = (statuses[status] ?? 0) + 1;
    // Slow enough for the pages that one address may have.
    await sleep(200);
  }
  return { statuses, slowestMs };
}

const send = (url: string, content: string | undefined): Promise<number> =>
  new Promise((resolve) => {
    const headers =
      content === undefined
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) };
    const method = content === undefined ? 'GET' : 'POST';
    const asked = request(url, { agent: false, method, headers, timeout: 15_000 }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    asked
      .on('timeout', () => asked.destroy())
      .on('error', () => resolve(0))
      .end(content);
  });
