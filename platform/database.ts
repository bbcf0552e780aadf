import { setFlagsFromString } from 'node:v8';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { PrismaClient } from '../prisma/generated/client.ts';
import { TracedPgClient } from './database-tracing.ts';
import { isTracing } from './tracing.ts';

// Prisma's query compiler is WebAssembly, which V8 optimizes within its first query, at the price of a second of processor
// time and some 45 MiB that are not given back. Only where much is asked of it is that worth it.
setFlagsFromString('--wasm-tiering-budget=100000000');

/** A connection to PostgreSQL: Prisma for everything, the bare pool for libraries that bring their own SQL. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** A transaction on the bare pool. */
export interface RawTransaction {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /** The last statement, sent together with the COMMIT: one way there and back for both. */
  commitWith<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
}

/**
 * A transaction where every way to PostgreSQL and back counts (docs/performance.md): BEGIN goes together with the first
 * statement, COMMIT with the last one if `work` says which that is. `turn`: a name of which one transaction has the turn
 * at a time, whether or not there is a row to lock. @throws what PostgreSQL refuses; then nothing is done
 */
export async function withRawTransaction<Row extends QueryResultRow, Result>(
  { pool }: Pick<Database, 'pool'>,
  first: QueryConfig,
  work: (tx: RawTransaction, rows: Row[]) => Promise<Result>,
  turn?: string,
): Promise<Result> {
  const client = await pool.connect();
  let isOpen = true;
  const tx: RawTransaction = {
    query: (statement) => client.query(statement),
    async commitWith<Last extends QueryResultRow>(statement: QueryConfig) {
      isOpen = false;
      const [result] = await allSettled([client.query<Last>(statement), client.query('COMMIT')]);
      return result;
    },
  };
  try {
    const begun = [client.query('BEGIN'), ...(turn === undefined ? [] : [client.query(advisoryLock(turn))])];
    const [, { rows }] = await allSettled([allSettled(begun), client.query<Row>(first)]);
    const result = await work(tx, rows);
    if (isOpen) await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

const advisoryLock = (turn: string): QueryConfig => ({
  name: 'advisory-lock',
  text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
  values: [turn],
});

/** Waits for all, whatever becomes of the first: the connection is not given back with an answer on its way. */
async function allSettled<Results extends readonly unknown[]>(
  all: readonly [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
  const settled = await Promise.allSettled(all);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return settled.map((done) => (done as PromiseFulfilledResult<unknown>).value) as unknown as Results;
}

/** A connection on which even this fails is not used again. */
const rollBack = (client: PoolClient): Promise<void> =>
  client.query('ROLLBACK').then(
    () => client.release(),
    (error: Error) => client.release(error),
  );

/** What runs inside a transaction or outside of one. */
export type Queries = Pick<
  PrismaClient,
  | '$executeRaw'
  | '$queryRaw'
  | 'auditEvent'
  | 'citizen'
  | 'journey'
  | 'password'
  | 'registrationAct'
  | 'session'
  | 'stagedPassword'
  | 'text'
  | 'textAllowance'
>;

/**
 * Opens a pool as the application's role. No statement outlives `statementTimeoutMs`: a caller who has given up must
 * not find later that it happened after all.
 */
export function openDatabase(
  url: string,
  {
    connections = 20,
    statementTimeoutMs = 1_500,
  }: { connections?: number; statementTimeoutMs?: number } = {},
): Database {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: statementTimeoutMs,
    // What a process that has vanished holds locked, with its machine or its network, is free again by then.
    idle_in_transaction_session_timeout: 10_000,
    // What is sent together is not waited for one by one.
    pipeline: true,
    ...(isTracing() && { Client: TracedPgClient }),
  });
  // A connection that PostgreSQL closes while idle is no news: the next query opens another or fails by itself.
  pool.on('error', () => {});
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool), errorFormat: 'minimal' });
  return {
    prisma,
    pool,
    close: async () => {
      await prisma.$disconnect();
      if (!pool.ended) await pool.end();
    },
  };
}
