import type { Pool } from 'pg';

/**
 * Functions of the database that delete expired rows of the audit trail, which the application's role cannot delete by
 * itself. Each call deletes at most a thousand.
 */
export type RetentionFunction =
  | 'destroy_due_audit'
  | 'destroy_unneeded_requests'
  | 'destroy_due_identification_requests';

/** Calls one of them. Returns the number of rows that it deleted. */
export async function destroyExpired(db: Pick<Pool, 'query'>, name: RetentionFunction): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`SELECT ${name}()::int AS count`);
  return rows[0]?.count ?? 0;
}
