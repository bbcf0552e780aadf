import pLimit, { type LimitFunction } from 'p-limit';

/** The queue is full, or the task waited in it too long: the task has not run. Answered with 503. */
export class QueueFull extends Error {
  constructor() {
    super('the queue is full');
    this.name = 'QueueFull';
  }
}

/**
 * A queue per key, such as a citizen's id: of one key `concurrency` tasks run, `maxQueued` wait, and further ones are
 * rejected with `QueueFull`. Within one process only; several processes are serialised by PostgreSQL.
 */
export function createKeyedQueue({ concurrency, maxQueued }: { concurrency: number; maxQueued: number }) {
  const queues = new Map<string, LimitFunction>();
  return async <Result>(key: string, task: () => Promise<Result>): Promise<Result> => {
    const queue = queues.get(key) ?? pLimit(concurrency);
    if (queue.pendingCount >= maxQueued) throw new QueueFull();
    queues.set(key, queue);
    try {
      return await queue(task);
    } finally {
      if (queue.activeCount + queue.pendingCount === 0) queues.delete(key);
    }
  };
}
