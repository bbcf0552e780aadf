import pLimit, { type LimitFunction } from 'p-limit';

/** More is waiting for one turn than anybody would wait for. Answer 503. */
export class TooManyWaiting extends Error {
  constructor() {
    super('too many are waiting');
    this.name = 'TooManyWaiting';
  }
}

/**
 * Turns by name, such as one citizen's: `atOnce` of one name are under way, `longestQueue` may wait, others are refused.
 * In one process; what several processes share is decided where the data are.
 */
export function createTurns({ atOnce, longestQueue }: { atOnce: number; longestQueue: number }) {
  const turns = new Map<string, LimitFunction>();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const turn = turns.get(name) ?? pLimit(atOnce);
    if (turn.pendingCount >= longestQueue) throw new TooManyWaiting();
    turns.set(name, turn);
    try {
      return await turn(work);
    } finally {
      if (turn.activeCount + turn.pendingCount === 0) turns.delete(name);
    }
  };
}
