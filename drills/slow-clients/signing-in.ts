import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a citizen met who signed in again and again. */
export interface SignIns {
  /** How many were answered with each status; 0 without an answer. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

/** Signs in over and over, each time on a new connection, until `isOver`. */
export async function keepSigningIn(url: string, body: object, isOver: () => boolean): Promise<SignIns> {
  const statuses: Record<string, number> = {};
  let slowestMs = 0;
  while (!isOver()) {
    const startedAt = performance.now();
    const status = await postOnce(`${url}/api/v1/sessions`, JSON.stringify(body));
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    statuses[status] = (statuses[status] ?? 0) + 1;
    await sleep(100);
  }
  return { statuses, slowestMs };
}

const postOnce = (url: string, content: string): Promise<number> =>
  new Promise((resolve) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(content) };
    const asked = request(url, { agent: false, method: 'POST', headers, timeout: 15_000 }, (response) => {
      response.resume().on('close', () => resolve(response.statusCode ?? 0));
    });
    asked
      .on('timeout', () => asked.destroy())
      .on('error', () => resolve(0))
      .end(content);
  });
