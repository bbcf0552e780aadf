import { Client } from 'pg';
import type { TestDatabase } from '../environment/test-database.ts';
import { until } from '../environment/waiting.ts';

interface WithDatabase {
  readonly database: Pick<TestDatabase, 'ownerUrl'>;
}

/** Runs a statement in a transaction that stays open until the connection ends. */
async function openTransaction(
  { database }: WithDatabase,
  statement: string,
  values: readonly unknown[],
): Promise<Client> {
  const owner = new Client({ connectionString: database.ownerUrl });
  await owner.connect();
  await owner.query('BEGIN');
  await owner.query(statement, [...values]);
  return owner;
}

/**
 * Keeps one row of the audit trail from being written, as it is written elsewhere and not committed yet. Whoever wants
 * to write it waits, until the function that is returned is called.
 */
export async function lockAuditRow(at: WithDatabase, id: string): Promise<() => Promise<void>> {
  const owner = await openTransaction(
    at,
    `INSERT INTO "AuditEvent" (id, type, detail) VALUES ($1, 'held', '{}')`,
    [id],
  );
  return () => owner.end();
}

/** A barrier: the row of a citizen's password is locked, and who wants it waits. */
export async function lockPassword(
  at: WithDatabase,
  citizenId: string,
): Promise<{ untilWaitedFor(): Promise<void>; release(): Promise<void> }> {
  const lock = 'SELECT 1 FROM "Password" WHERE "citizenId" = $1::uuid FOR UPDATE';
  const owner = await openTransaction(at, lock, [citizenId]);
  const waiting = `SELECT 1 FROM pg_locks
    WHERE NOT granted AND transactionid = pg_current_xact_id_if_assigned()::xid`;
  return {
    untilWaitedFor: async () => {
      await until(
        () => owner.query(waiting),
        ({ rows }) => rows.length > 0,
      );
    },
    release: () => owner.end(),
  };
}

/** Keeps the whole audit trail from being written: whoever wants to, and with it what is recorded, waits in vain. */
export async function lockAuditTable(at: WithDatabase): Promise<() => Promise<void>> {
  const owner = await openTransaction(at, 'LOCK TABLE "AuditEvent" IN EXCLUSIVE MODE', []);
  return () => owner.end();
}
