import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createTurns, TooManyWaiting } from './keyed-queue.ts';
import type { KeyRing } from './secrets.ts';

/** argon2id with 19 MiB, two passes, one lane: [OWASP-passwords]. Stored with each hash, in PHC form. */
export const argon2Parameters = {
  type: argon2.argon2id,
  memoryCost: 19_456,
  timeCost: 2,
  parallelism: 1,
} as const;

/** A password's hash and the id of the secret key that peppers it. */
export interface PasswordHash {
  readonly hash: string;
  readonly keyId: string;
}

/** What may be done in a turn of the processor. */
export interface Hashing {
  hash(password: string): Promise<PasswordHash>;
  /**
   * Whether a password is the one that was hashed. Without one, or where its key is no longer there, the same work is
   * done in vain: its time says nothing.
   */
  matches(password: string, stored: PasswordHash | undefined): Promise<boolean>;
  /** Whether a hash can be compared with anything: the key that peppers it has not been taken away. */
  canCompare(stored: PasswordHash): boolean;
  /** Whether a hash was made with other parameters, or another key, than today's. */
  isOutdated(stored: PasswordHash): boolean;
}

/** Hashes and compares passwords, so many at once and no more, and refuses what would wait too long. */
export interface PasswordHasher extends Pick<Hashing, 'hash' | 'matches'> {
  /** Holds a turn for all of some work, so that nothing is counted for a request that is refused. @throws TooManyWaiting */
  inTurn<Result>(work: (hashing: Hashing) => Promise<Result>): Promise<Result>;
  /** How many have a turn or wait for one, for the metrics. */
  busy(): number;
}

/** What Node hashes at once on a machine that has more processors: libuv's threads. */
const hashesAtOnce = 4;

/**
 * Turns at once: one more than hashes, so that the processors have something to do while a turn waits for PostgreSQL.
 * Twice as many bring less again: they are in each other's caches (docs/performance.md). More than Node hashes at once
 * would only hold connections and locks: in a container without a limit all of the machine's processors are seen.
 */
export const turnsAtOnce = Math.min(availableParallelism(), hashesAtOnce) + 1;

/**
 * A hasher of its own queue. `longestQueue`: at some 70 sign-ins a second on two cores, 128 is under two seconds. On a
 * slower machine, or on one core, it is not: what has waited `longestWaitMs` is refused too, since nobody is there any
 * more for whom to compare.
 */
export function createPasswordHasher(
  ring: KeyRing,
  { longestQueue = 128, longestWaitMs = 4_000 } = {},
): PasswordHasher {
  const turn = createTurns({ atOnce: turnsAtOnce, longestQueue });
  let busy = 0;
  let inVain: Promise<PasswordHash> | undefined;

  const hashing: Hashing = {
    hash: async (password) => ({
      hash: await argon2.hash(password, { ...argon2Parameters, secret: ring.subkey('password') }),
      keyId: ring.currentKeyId,
    }),
    async matches(password, stored) {
      inVain ??= hashing.hash('nobody has this one');
      const comparable = stored && hashing.canCompare(stored) ? stored : undefined;
      const { hash, keyId } = comparable ?? (await inVain);
      const isSame = await argon2.verify(hash, password, { secret: ring.subkey('password', keyId) });
      return isSame && comparable !== undefined;
    },
    canCompare: ({ keyId }) => ring.has(keyId),
    isOutdated: ({ hash, keyId }) =>
      keyId !== ring.currentKeyId || argon2.needsRehash(hash, argon2Parameters),
  };

  const inTurn: PasswordHasher['inTurn'] = async (work) => {
    busy += 1;
    const askedAt = performance.now();
    try {
      return await turn('processor', async () => {
        if (performance.now() - askedAt > longestWaitMs) throw new TooManyWaiting();
        return work(hashing);
      });
    } finally {
      busy -= 1;
    }
  };

  return {
    inTurn,
    hash: (password) => inTurn(({ hash }) => hash(password)),
    matches: (password, stored) => inTurn(({ matches }) => matches(password, stored)),
    busy: () => busy,
  };
}
