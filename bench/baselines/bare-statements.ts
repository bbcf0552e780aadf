import { Client, Pool } from 'pg';

/** So many statements. */
export interface Statements {
  readonly selects?: number;
  readonly inserts?: number;
  readonly updates?: number;
}

/**
 * The statements of one piece of work. Outside a transaction each commits by itself, in a round trip of its own. Each element
 * of a transaction is one round trip, the first one with BEGIN; COMMIT is another.
 */
export type Work = Statements | { readonly transaction: readonly Statements[] };

const rows = 10_000;

/** The table of the bare statements. `rows` rows are there, so that callers seldom wait for each other's. */
export async function createBareTable(ownerUrl: string): Promise<void> {
  const owner = new Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query(`
      CREATE TABLE "Bare" (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, value text NOT NULL);
      INSERT INTO "Bare" (value) SELECT 'bare' FROM generate_series(1, ${rows});
      GRANT SELECT, INSERT, UPDATE ON "Bare" TO PUBLIC;
      ANALYZE "Bare"`);
  } finally {
    await owner.end();
  }
}

/**
 * Sends statements at their bare cost: a SELECT by an index, an INSERT or UPDATE of one row, prepared once for a
 * connection. All of one transaction concern the same row, so that none waits for another in a circle.
 */
export function bareStatements(databaseUrl: string): (work: Work) => Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: 20, pipeline: true });
  let id = 0;
  const nextId = (): number => {
    id = (id % rows) + 1;
    return id;
  };
  return async (work) => {
    const row = nextId();
    if (!('transaction' in work)) {
      for (const statement of statementsOf(work, row)) await pool.query(statement);
      return;
    }
    const client = await pool.connect();
    try {
      const begun = client.query('BEGIN');
      for (const roundTrip of work.transaction)
        await Promise.all([
          begun,
          ...statementsOf(roundTrip, row).map((statement) => client.query(statement)),
        ]);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  };
}

const statementsOf = ({ selects = 0, inserts = 0, updates = 0 }: Statements, row: number) => [
  ...Array.from({ length: selects }, () => select(row)),
  ...Array.from({ length: inserts }, () => insert),
  ...Array.from({ length: updates }, () => update(row)),
];

const value = 'a row of some length, as an audit event or a journey has';
const select = (id: number) => ({
  name: 'select',
  text: 'SELECT value FROM "Bare" WHERE id = $1',
  values: [id],
});
const insert = { name: 'insert', text: 'INSERT INTO "Bare" (value) VALUES ($1)', values: [value] };
const update = (id: number) => ({
  name: 'update',
  text: 'UPDATE "Bare" SET value = $2 WHERE id = $1',
  values: [id, value],
});
