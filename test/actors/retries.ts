import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from '../environment/http.ts';

type Headers_ = Readonly<Record<string, string>>;

/** As a front-end does it: the same request under the same key, when a busy machine has answered 503. */
export async function withRetries(
  send: (headers: Headers_) => Promise<Reply>,
  headers: Headers_ = {},
): Promise<Reply> {
  const keyed = { 'Idempotency-Key': randomUUID(), ...headers };
  for (let tries = 1; ; tries += 1) {
    const reply = await send(keyed);
    if (reply.status !== 503 || tries === 8) return reply;
    await sleep(Math.min(250 * tries, 1_500));
  }
}
