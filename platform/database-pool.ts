import { Pool } from 'pg';
import { TracedPgClient } from './database-tracing.ts';
import { isTracing } from './tracing.ts';

/** `connections`: at most. `statementTimeoutMs`: a statement that runs longer is cancelled. */
export interface PoolOptions {
  readonly connections?: number;
  readonly statementTimeoutMs?: number;
}

/**
 * Opens a pool of connections to PostgreSQL. Statements are cancelled after `statementTimeoutMs`, so that none takes effect
 * after its caller was answered with a timeout.
 */
export function openPool(
  url: string,
  { connections = 20, statementTimeoutMs = 1_500 }: PoolOptions = {},
): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: statementTimeoutMs,
    // Frees the locks of a process that vanished with its machine or network.
    idle_in_transaction_session_timeout: 10_000,
    // Statements that are sent together do not wait for each other's response.
    pipeline: true,
    ...(isTracing() && { Client: TracedPgClient }),
  });
  // PostgreSQL closing an idle connection is no error: the next query opens another.
  pool.on('error', () => {});
  // Nor is one that breaks in a transaction: its statements reject. The pool listens to idle connections only, and an
  // `error` event without a listener would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
