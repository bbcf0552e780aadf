import type { Clock } from '../../domain/clock.ts';

interface Options {
  readonly clock: Clock;
  /** How long an answer is used again at most, in ms, within its own time; with 0 each question is asked anew. */
  readonly keptMs: number;
  /** Answers in memory, at most: the oldest goes first. */
  readonly most: number;
}

/**
 * Answers that are used again, by a key for each question. Who asks while the same question is under way waits for its answer:
 * many visits at once are one question.
 */
export function shareAnswers<Answer extends { readonly validUntilMs: number }>({
  clock,
  keptMs,
  most,
}: Options) {
  const kept = new Map<string, { answer: Answer; untilMs: number }>();
  const underWay = new Map<string, Promise<Answer | undefined>>();

  /** The answer to a question, which `ask` asks if none is kept; undefined if there is none. */
  return (key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> => {
    const earlier = kept.get(key);
    if (earlier && earlier.untilMs > clock.now()) return Promise.resolve(earlier.answer);
    kept.delete(key);
    const asked = underWay.get(key) ?? askOnce(key, ask);
    underWay.set(key, asked);
    return asked;
  };

  async function askOnce(key: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    try {
      const answer = await ask();
      if (answer && keptMs > 0) keep(key, answer);
      return answer;
    } finally {
      underWay.delete(key);
    }
  }

  function keep(key: string, answer: Answer): void {
    kept.set(key, { answer, untilMs: Math.min(answer.validUntilMs, clock.now() + keptMs) });
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
  }
}
