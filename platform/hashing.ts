import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createKeyedQueue, QueueFull } from './keyed-queue.ts';
import type { KeyRing } from './secrets.ts';

/** argon2id with 19 MiB, two passes, one lane: [OWASP-passwords]. Stored with each hash, in PHC form. */
export const argon2Parameters = {
  type: argon2.argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;

/** The parameters of argon2 that are stored with a hash. */
export type Argon2Parameters = Required<
  Pick<argon2.Options, 'type' | 'memoryCost' | 'timeCost' | 'parallelism'>
>;

/** A password's hash and the id of the secret key that peppers it. */
export interface PasswordHash {
  readonly hash: string;
  readonly keyId: string;
}

/** What a task of the hashing queue may do. */
export interface Hashing {
  hash(password: string): Promise<PasswordHash>;
  /**
   * Whether a password is the one that was hashed. Without a stored hash, or when its key has been removed, a decoy hash
   * is verified instead: the time of the answer then reveals nothing.
   */
  matches(password: string, stored: PasswordHash | undefined): Promise<boolean>;
  /** Whether the key that peppers a hash is still in the ring. */
  canCompare(stored: PasswordHash): boolean;
  /** Whether a hash was made with other parameters, or another key, than the current ones. */
  isOutdated(stored: PasswordHash): boolean;
}

/** Hashes and compares passwords in a bounded queue: each hash takes a processor and 19 MiB. */
export interface PasswordHasher extends Pick<Hashing, 'hash' | 'matches'> {
  /** Runs a whole task in the queue, so that a rejected request has counted nothing. @throws QueueFull */
  enqueue<Result>(task: (hashing: Hashing) => Promise<Result>): Promise<Result>;
  /** Number of tasks that run or wait, for the metrics. */
  pending(): number;
}

/** Hashes that one Node process computes at a time, however many processors there are: libuv's default thread pool. */
const libuvThreads = 4;

/**
 * Tasks at a time: one more than hashes, so that no processor is idle while a task waits for PostgreSQL. Twice as many
 * are slower again, since they share the processors' caches (docs/performance.md). Without the bound of libuv's threads
 * a container without a processor limit, which sees all of the machine's, would only hold more connections and locks.
 */
export const hashingConcurrency = Math.min(availableParallelism(), libuvThreads) + 1;

/**
 * A hasher with a queue of its own. `maxQueued`: at about 70 sign-ins a second on two cores, 128 waiting tasks are less
 * than two seconds of work. `maxWaitMs` bounds the wait on slower machines: after it, the client has given up and the
 * task is rejected unstarted. `parameters`: for tests of what is not about them.
 */
export function createPasswordHasher(
  ring: KeyRing,
  { maxQueued = 128, maxWaitMs = 4_000, parameters = argon2Parameters as Argon2Parameters } = {},
): PasswordHasher {
  const queue = createKeyedQueue({ concurrency: hashingConcurrency, maxQueued });
  let pending = 0;
  let decoyHash: Promise<PasswordHash> | undefined;

  const hashing: Hashing = {
    hash: async (password) => ({
      hash: await argon2.hash(password, { ...parameters, secret: ring.subkey('password') }),
      keyId: ring.currentKeyId,
    }),
    async matches(password, stored) {
      decoyHash ??= hashing.hash('decoy');
      const comparable = stored && hashing.canCompare(stored) ? stored : undefined;
      const { hash, keyId } = comparable ?? (await decoyHash);
      const isSame = await argon2.verify(hash, password, { secret: ring.subkey('password', keyId) });
      return isSame && comparable !== undefined;
    },
    canCompare: ({ keyId }) => ring.has(keyId),
    isOutdated: ({ hash, keyId }) => keyId !== ring.currentKeyId || argon2.needsRehash(hash, parameters),
  };

  const enqueue: PasswordHasher['enqueue'] = async (task) => {
    pending += 1;
    const enqueuedAt = performance.now();
    try {
      return await queue('hashing', async () => {
        if (performance.now() - enqueuedAt > maxWaitMs) throw new QueueFull();
        return task(hashing);
      });
    } finally {
      pending -= 1;
    }
  };

  return {
    enqueue,
    hash: (password) => enqueue(({ hash }) => hash(password)),
    matches: (password, stored) => enqueue(({ matches }) => matches(password, stored)),
    pending: () => pending,
  };
}
