import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { lengthMs } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database } from '../../platform/database.ts';
import type { KeyRing } from '../../platform/secrets.ts';

/** The limit is exceeded until an instant (ms). */
export interface LimitReached {
  readonly retryAtMs: number;
  /** The first refusal of this period. */
  readonly isNew: boolean;
}

/** A rate limit per address. */
export interface Limiter {
  /**
   * Counts one request. Undefined while the limit is not exceeded.
   * @throws Error when PostgreSQL does not answer: the limit fails closed
   */
  consume(address: string): Promise<LimitReached | undefined>;
}
export interface Limiters {
  readonly requests: Limiter;
  readonly starts: Limiter;
}

/** Rate limits in PostgreSQL, shared by all API processes. Addresses are stored as keyed digests. */
export function createLimiters(db: Database, ring: KeyRing, policy: Policy): Limiters {
  const limiter = (name: string, { max, per }: { max: number; per: string }): Limiter => {
    const store = new RateLimiterPostgres({
      storeClient: db.pool,
      tableName: 'limiter_row',
      tableCreated: true,
      // Upkeep deletes expired rows (`activities/upkeep.ts`), not a timer in every process.
      clearExpiredByTimeout: false,
      keyPrefix: name,
      points: max,
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
          return { retryAtMs: Date.now() + msBeforeNext, isNew: consumedPoints === max + 1 };
        }
      },
    };
  };
  return {
    requests: limiter('requests', policy.requestsPerIp),
    starts: limiter('starts', policy.startsPerIp),
  };
}
