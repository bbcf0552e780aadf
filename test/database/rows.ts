import { Pool } from 'pg';
import type { TestDatabase } from '../environment/test-database.ts';

type WithDatabase = { readonly database: Pick<TestDatabase, 'ownerUrl'> };

/** A new connection costs more than most queries: those of one database share some, which close when they are unused. */
const pools = new Map<string, Pool>();

function poolOf(connectionString: string): Pool {
  const known = pools.get(connectionString);
  if (known) return known;
  const pool = new Pool({ connectionString, max: 4, idleTimeoutMillis: 500 });
  // A test may end all connections, or drop the database.
  pool.on('error', () => {});
  pools.set(connectionString, pool);
  return pool;
}

/** Queries as the owner of the tables: the application's role may not read the audit trail. */
export async function queryAsOwner<Row extends object>(
  { database }: WithDatabase,
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await poolOf(database.ownerUrl).query<Row>(sql, values)).rows;
}

/** Every table that a request may write, except the limiter's: it counts rejected requests too. */
const tables = [
  'Citizen',
  'RegistrationAct',
  'StagedEvidence',
  'ActEvidence',
  'Password',
  'StagedPassword',
  'Journey',
  'Session',
  'DeskSession',
  'Identification',
  'LogoutNotice',
  'CertificateTicket',
  'CertificateIdentification',
  'ActEvidence',
  'Suspension',
  'Text',
  'TextAllowance',
  'Request',
  'Officer',
  'AuditEvent',
  'DecoyCode',
  'IdempotentRequest',
] as const;

/** The number of rows per table. */
export async function rowCounts(at: WithDatabase): Promise<Record<string, number>> {
  const columns = tables.map((table) => `(SELECT count(*)::int FROM "${table}") AS "${table}"`);
  const [row] = await queryAsOwner<Record<string, number>>(at, `SELECT ${columns.join(', ')}`);
  return row ?? {};
}

/** Adds sign-outs of a citizen to the audit trail, two in each minute before an hour ago. */
export const addSignOuts = (at: WithDatabase, citizenId: string, count: number): Promise<unknown> =>
  queryAsOwner(
    at,
    `INSERT INTO "AuditEvent" (id, at, type, "citizenId", detail)
     SELECT gen_random_uuid()::text, date_trunc('minute', now()) - (number / 2 + 60) * INTERVAL '1 minute', 'signed-out',
       $1::uuid, '{}'::jsonb FROM generate_series(1, $2::int) number`,
    [citizenId, count],
  );

/** The types of a citizen's audit events, oldest first. */
export async function auditTypesOf(at: WithDatabase, citizenId: string): Promise<string[]> {
  const rows = await queryAsOwner<{ type: string }>(
    at,
    'SELECT type FROM "AuditEvent" WHERE "citizenId" = $1 ORDER BY at',
    [citizenId],
  );
  return rows.map(({ type }) => type);
}
