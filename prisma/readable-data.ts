import { Client } from 'pg';

/** Applied where the workflows of the citizens have snapshots that this release reads (`workflows/snapshot.ts`). */
const firstReadableMigration = '20261129003000_session_credentials';

/** Whether citizens registered under these migrations have workflows that this release can carry on. */
export const areReadable = (migrations: readonly string[]): boolean =>
  migrations.includes(firstReadableMigration);

/** One printable line. */
export class UnreadableData extends Error {}

/**
 * Refuses a database whose citizens were registered before the first release: it could be migrated, but no journey of theirs
 * would ever go on. @throws UnreadableData
 */
export async function assertReadable(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      `SELECT WHERE to_regclass('"Citizen"') IS NOT NULL AND to_regclass('_prisma_migrations') IS NOT NULL`,
    );
    if (tables.length === 0) return;
    const { rows: citizens } = await client.query(
      `SELECT FROM "Citizen" WHERE NOT EXISTS (
         SELECT FROM _prisma_migrations WHERE migration_name = $1 AND finished_at IS NOT NULL) LIMIT 1`,
      [firstReadableMigration],
    );
    if (citizens.length > 0)
      throw new UnreadableData(
        'its citizens were registered before the first release, and this one cannot carry their journeys on: start with an empty database and an empty Temporal (npm start: set CLAVE_DATA_DIR to another folder, or remove .clave)',
      );
  } finally {
    await client.end();
  }
}
