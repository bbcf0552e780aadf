import { setFlagsFromString } from 'node:v8';
import { PrismaPg } from '@prisma/adapter-pg';
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from 'pg';
import { PrismaClient } from '../prisma/generated/client.ts';
import { openPool, type PoolOptions } from './database-pool.ts';

// V8 optimises Prisma's WebAssembly query compiler during the first query, which costs a second of processor time and
// about 45 MiB for good. The budget defers that to processes with many queries.
setFlagsFromString('--wasm-tiering-budget=100000000');

/** A connection to PostgreSQL: Prisma by default, the pool for raw SQL (docs/adr/0025) and libraries that need one. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: Pool;
  close(): Promise<void>;
}

type Results<Rows extends QueryResultRow[]> = { [Index in keyof Rows]: QueryResult<Rows[Index]> };

/** A transaction on a connection of the pool. */
export interface RawTransaction {
  query<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /**
   * Sends statements in one round trip, where none depends on the result of another. They are executed in this order. `Rows`:
   * the rows of each of the first results.
   */
  queryAll<Rows extends QueryResultRow[]>(statements: readonly QueryConfig[]): Promise<Results<Rows>>;
  /** Sends the last statement together with COMMIT, in one round trip. */
  commitWith<Row extends QueryResultRow>(statement: QueryConfig): Promise<QueryResult<Row>>;
  /** The same for several last statements. */
  commitWithAll<Rows extends QueryResultRow[]>(statements: readonly QueryConfig[]): Promise<Results<Rows>>;
}

/**
 * A raw transaction with few round trips (docs/performance.md): BEGIN is sent with the first statement, and COMMIT with
 * the last if `work` ends with `commitWith`. `locks` are statements that are sent before the first one, in the same round
 * trip: each statement has a snapshot of its own, so the first one sees what was committed while they waited. Rolls back
 * and rethrows on any error.
 */
export async function withRawTransaction<Row extends QueryResultRow, Result>(
  { pool }: Pick<Database, 'pool'>,
  first: QueryConfig,
  work: (tx: RawTransaction, rows: Row[]) => Promise<Result>,
  locks: readonly QueryConfig[] = [],
): Promise<Result> {
  const client = await pool.connect();
  let isOpen = true;
  const sendAll = <Rows extends QueryResultRow[]>(statements: readonly (QueryConfig | string)[]) =>
    allAfterSettling(
      inOnePacket(client, () => statements.map((statement) => client.query(statement as QueryConfig))),
    ) as Promise<unknown> as Promise<Results<Rows>>;
  const commitWithAll = <Rows extends QueryResultRow[]>(statements: readonly QueryConfig[]) => {
    isOpen = false;
    return sendAll<Rows>([...statements, 'COMMIT']);
  };
  const tx: RawTransaction = {
    query: (statement) => client.query(statement),
    queryAll: sendAll,
    commitWith: async <Last extends QueryResultRow>(statement: QueryConfig) =>
      (await commitWithAll<[Last]>([statement]))[0],
    commitWithAll,
  };
  try {
    const [, { rows }] = await allAfterSettling(
      inOnePacket(client, () => {
        const begin = [client.query('BEGIN'), ...locks.map((lock) => client.query(lock))];
        return [allAfterSettling(begin), client.query<Row>(first)] as const;
      }),
    );
    const result = await work(tx, rows);
    if (isOpen) await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await rollBack(client);
    throw error;
  }
}

/** Sends statements in one packet: each by itself costs a system call here and one in PostgreSQL. */
function inOnePacket<Result>({ connection: { stream } }: PoolClient, send: () => Result): Result {
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

/** Serialises transactions on a name where there may be no row to lock. */
export const advisoryLock = (name: string): QueryConfig => ({
  name: 'advisory-lock',
  text: 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
  values: [name],
});

/**
 * As Promise.all, but rejects only after every promise has settled, so that a connection is never released with a response
 * outstanding.
 */
async function allAfterSettling<Results extends readonly unknown[]>(
  promises: readonly [...{ [Index in keyof Results]: Promise<Results[Index]> }],
): Promise<Results> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return settled.map((done) => (done as PromiseFulfilledResult<unknown>).value) as unknown as Results;
}

/** A connection whose rollback fails is removed from the pool. */
const rollBack = (client: PoolClient): Promise<void> =>
  client.query('ROLLBACK').then(
    () => client.release(),
    (error: Error) => client.release(error),
  );

/** The part of Prisma's client that is the same inside and outside of a transaction. */
export type Queries = Pick<
  PrismaClient,
  | '$executeRaw'
  | '$executeRawUnsafe'
  | '$queryRaw'
  | 'auditEvent'
  | 'certificateIdentification'
  | 'citizen'
  | 'identification'
  | 'journey'
  | 'logoutNotice'
  | 'otpCount'
  | 'password'
  | 'registrationAct'
  | 'session'
  | 'stagedPassword'
  | 'suspension'
  | 'text'
  | 'textAllowance'
>;

/** Sends hand-written SQL in a transaction of Prisma's. Returns the number of rows that it read or wrote. */
export const executeStatement = (
  tx: Pick<Queries, '$executeRawUnsafe'>,
  { text, values = [] }: QueryConfig,
): Promise<number> => tx.$executeRawUnsafe(text, ...values);

/** Opens a pool as the application's role, and Prisma on it. */
export function openDatabase(url: string, options: PoolOptions = {}): Database {
  const pool = openPool(url, options);
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
