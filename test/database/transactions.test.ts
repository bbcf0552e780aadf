import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Database, openDatabase, withRawTransaction } from '../../platform/database.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { until } from '../environment/waiting.ts';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.appUrl);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const connectionId = { text: 'SELECT pg_backend_pid() AS id' };

test('a connection that breaks in a transaction rejects it, and leaves process and pool working', async () => {
  const broken = withRawTransaction<{ id: number }, void>(db, connectionId, async (tx, [row]) => {
    await db.pool.query('SELECT pg_terminate_backend($1)', [row?.id]);
    await until(
      () => db.pool.query('SELECT FROM pg_stat_activity WHERE pid = $1', [row?.id]),
      ({ rowCount }) => rowCount === 0,
    );
    await tx.query(connectionId);
  });
  await expect(broken).rejects.toThrow(/connection/i);
  expect(await withRawTransaction(db, connectionId, async (_, rows) => rows.length)).toBe(1);
});
