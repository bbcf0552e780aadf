import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { lengthMs } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database } from '../../platform/database.ts';
import type { KeyRing } from '../../platform/secrets.ts';

/** There is no more before an instant (ms). */
export interface LimitReached {
  readonly retryAtMs: number;
  /** The first to be turned away in this period. */
  readonly isNew: boolean;
}

/** Counts something against an address. Resolves to undefined while there is more. */
export interface Limiter {
  /** @throws Error when PostgreSQL does not answer: closed, not open */
  consume(address: string): Promise<LimitReached | undefined>;
}
export interface Limiters {
  readonly requests: Limiter;
  readonly starts: Limiter;
}

/** Limits per address, kept in PostgreSQL so that all API processes share them. Addresses are kept as keyed digests. */
export function createLimiters(db: Database, ring: KeyRing, policy: Policy): Limiters {
  const limiter = (name: string, { tries, per }: { tries: number; per: string }): Limiter => {
    const store = new RateLimiterPostgres({
      storeClient: db.pool,
      tableName: 'limiter_row',
      tableCreated: true,
      // Rows that are over are removed with the rest of what is due, not by a timer in every process.
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: tries,
      duration: lengthMs(per) / 1_000,
    });
    return {
      async consume(address) {
        try {
          await store.consume(ring.mac('address', [address]).toString('base64url'));
          return undefined;
        } catch (refused) {
          if (!(refused instanceof RateLimiterRes)) throw refused;
          const { msBeforeNext, consumedPoints } = refused;
          return { retryAtMs: Date.now() + msBeforeNext, isNew: consumedPoints === tries + 1 };
        }
      },
    };
  };
  return {
    requests: limiter('requests', policy.requestsPerIp),
    starts: limiter('starts', policy.startsPerIp),
  };
}
