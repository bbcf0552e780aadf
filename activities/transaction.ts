import type { QueryConfig, QueryResultRow } from 'pg';
import * as database from '../platform/database.ts';

const maxDurationMs = 900;

/**
 * One transaction that commits or rolls back before the activity's timeout of two seconds (`workflows/proxies.ts`): a
 * request that was answered 503 must not be written a moment later.
 */
export const withTransaction = <Result>(
  db: Pick<database.Database, 'prisma'>,
  work: (tx: database.Queries) => Promise<Result>,
): Promise<Result> => db.prisma.$transaction(work, { maxWait: 1_000, timeout: maxDurationMs });

/**
 * The same on the bare pool, for the writes of every journey: fewer round trips to PostgreSQL (docs/performance.md). Without
 * `commitWith` and `commitWithAll`, so that the duration is checked before COMMIT. `startedAt`: of the activity, if it makes a second attempt.
 */
export const withRawTransaction = <Row extends QueryResultRow, Result>(
  db: Pick<database.Database, 'pool'>,
  first: QueryConfig,
  work: (tx: Omit<database.RawTransaction, 'commitWith' | 'commitWithAll'>, rows: Row[]) => Promise<Result>,
  { locks, startedAt = performance.now() }: { locks?: readonly QueryConfig[]; startedAt?: number } = {},
): Promise<Result> => {
  const workInTime: typeof work = async (tx, rows) => {
    const result = await work(tx, rows);
    if (performance.now() - startedAt > maxDurationMs) throw new Error('a transaction that took too long');
    return result;
  };
  return database.withRawTransaction<Row, Result>(db, first, workInTime, locks);
};
