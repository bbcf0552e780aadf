import type { Clock } from '../../domain/clock.ts';

interface Options {
  readonly clock: Clock;
  /** How long an answer is used again at most, in ms, within its own validity; with 0 none is. */
  readonly cacheTtlMs: number;
  /** The oldest entry is removed first. */
  readonly maxEntries: number;
}

/**
 * Caches answers by key; concurrent callers share one request. The returned function gives the answer for a key, and calls `ask`
 * if there is none; undefined, which is never cached, if `ask` has none.
 */
export function createAnswerCache<Answer extends { readonly validUntilMs: number }>({
  clock,
  cacheTtlMs,
  maxEntries,
}: Options) {
  const entries = new Map<string, { answer: Answer; untilMs: number }>();
  const pending = new Map<string, Promise<Answer | undefined>>();

  return (key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> => {
    const cached = entries.get(key);
    if (cached && cached.untilMs > clock.now()) return Promise.resolve(cached.answer);
    entries.delete(key);
    const request = pending.get(key) ?? askOnce(key, ask);
    pending.set(key, request);
    return request;
  };

  async function askOnce(key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    try {
      const answer = await ask();
      if (answer && cacheTtlMs > 0) store(key, answer);
      return answer;
    } finally {
      pending.delete(key);
    }
  }

  function store(key: string, answer: Answer): void {
    entries.set(key, { answer, untilMs: Math.min(answer.validUntilMs, clock.now() + cacheTtlMs) });
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
  }
}
