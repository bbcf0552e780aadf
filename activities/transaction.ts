import type { QueryConfig, QueryResultRow } from 'pg';
import {
  type Database,
  withRawTransaction as inStatements,
  type Queries,
  type RawTransaction,
} from '../platform/database.ts';

const maxDurationMs = 900;

/**
 * One transaction that commits or rolls back before the activity's timeout of two seconds (`workflows/proxies.ts`): a
 * request that was answered 503 must not be written a moment later.
 */
export const withTransaction = <Result>(
  db: Pick<Database, 'prisma'>,
  work: (tx: Queries) => Promise<Result>,
): Promise<Result> => db.prisma.$transaction(work, { maxWait: 1_000, timeout: maxDurationMs });

/** The same on the bare pool, for the writes of every journey: fewer round trips to PostgreSQL (docs/performance.md). */
export const withRawTransaction = <Row extends QueryResultRow, Result>(
  db: Pick<Database, 'pool'>,
  first: QueryConfig,
  work: (tx: Omit<RawTransaction, 'commitWith'>, rows: Row[]) => Promise<Result>,
): Promise<Result> => {
  const startedAt = performance.now();
  return inStatements<Row, Result>(db, first, async (tx, rows) => {
    const result = await work(tx, rows);
    if (performance.now() - startedAt > maxDurationMs) throw new Error('a transaction that took too long');
    return result;
  });
};
