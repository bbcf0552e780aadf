import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { type KeyRing, sameSecret } from '../platform/secrets.ts';
import { tables } from './grants.ts';

/**
 * Left out: what was signed in or half handed in at that moment is over by the time a backup is taken back. A session
 * that has ended since would open again.
 */
const leftOut: readonly string[] = ['Session', 'StagedPassword'];
const kept = tables.filter((table) => !leftOut.includes(table));

/** What keeps a backup from being made or taken back: one line. */
export class BackupError extends Error {
  constructor(line: string) {
    super(line);
    this.name = 'BackupError';
  }
}

const manifestShape = z.object({
  madeAt: z.iso.datetime(),
  /** By name: a backup goes back into the schema that it came from. */
  migrations: z.array(z.string()),
  /** Rows of each table. */
  rows: z.record(z.string(), z.int()),
  /** Of the secret keys that its hashes were made with: by id, what only that key makes. */
  keys: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof manifestShape>;

const manifestName = 'manifest.json';
const fileOf = (folder: string, table: string): string => join(folder, `${table}.copy`);
const quoted = (table: string): string => `"${table}"`;

/** Only for whoever made it: it holds personal data and password hashes. */
const privateFile = { mode: 0o600 };

/**
 * Writes every table into a folder, all as of one moment, while the service runs: one transaction that sees one snapshot.
 * As the owner: the application may not read the audit trail. @throws BackupError if there is a backup in the folder, or
 * the ring lacks a key without which this one would be worth nothing
 */
export async function backUp(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  if (existsSync(join(folder, manifestName))) throw new BackupError(`${folder} holds a backup already`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return as(ownerUrl, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows: keys } = await client.query<{ keyId: string }>(
      'SELECT DISTINCT "keyId" FROM "Password" ORDER BY "keyId"',
    );
    const keyIds = keys.map(({ keyId }) => keyId);
    mustHold(ring, keyIds);
    const rows: Record<string, number> = {};
    for (const table of kept) {
      const from = client.query(copyTo(`COPY ${quoted(table)} TO STDOUT`));
      await pipeline(from, createWriteStream(fileOf(folder, table), privateFile));
      rows[table] = from.rowCount ?? 0;
    }
    const manifest = {
      madeAt: new Date().toISOString(),
      migrations: await migrationsIn(client),
      rows,
      keys: Object.fromEntries(keyIds.map((keyId) => [keyId, proofOf(ring, keyId)])),
    };
    await client.query('COMMIT');
    // Last: a folder without it is no backup.
    writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`, privateFile);
    return manifest;
  });
}

/**
 * Takes a backup back into a database that has been migrated and is empty: whole, or not at all. @throws BackupError where
 * it would not fit, or nobody could sign in afterwards
 */
export async function restore(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  const manifest = readManifest(folder);
  mustHold(ring, Object.keys(manifest.keys));
  for (const [keyId, proof] of Object.entries(manifest.keys))
    if (!sameSecret(proof, proofOf(ring, keyId)))
      throw new BackupError(
        `${keyId} in CLAVE_SECRET_KEY is another key than that of this backup's passwords`,
      );
  return as(ownerUrl, async (client) => {
    const here = await migrationsIn(client);
    if (here.join() !== manifest.migrations.join())
      throw new BackupError('the backup is of another version: migrate an empty database to that one first');
    await client.query('BEGIN');
    for (const table of tables) {
      const { rows } = await client.query(`SELECT FROM ${quoted(table)} LIMIT 1`);
      // How long the trail is kept is written by the migration.
      if (table === 'AuditRetention') await client.query(`DELETE FROM ${quoted(table)}`);
      else if (rows.length > 0)
        throw new BackupError(`the database is not empty: there are rows in ${table}`);
      if (!kept.includes(table)) continue;
      const into = client.query(copyFrom(`COPY ${quoted(table)} FROM STDIN`));
      await pipeline(createReadStream(fileOf(folder, table)), into);
      if (into.rowCount !== manifest.rows[table])
        throw new BackupError(`${table} has ${into.rowCount} rows instead of ${manifest.rows[table]}`);
    }
    await client.query('COMMIT');
    await client.query('ANALYZE');
    return manifest;
  });
}

/** @throws BackupError */
function mustHold(ring: KeyRing, keyIds: readonly string[]): void {
  const missing = keyIds.filter((keyId) => !ring.has(keyId));
  if (missing.length > 0)
    throw new BackupError(`CLAVE_SECRET_KEY lacks ${missing.join(', ')}, with which passwords were made`);
}

/** Two keys may bear one id, and then nobody could sign in. */
const proofOf = (ring: KeyRing, keyId: string): string =>
  ring.mac('backup', ['which key'], keyId).toString('base64url');

function readManifest(folder: string): Manifest {
  try {
    return manifestShape.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
  } catch {
    throw new BackupError(`${folder} holds no whole backup`);
  }
}

/** Names of the migrations that were applied, in their order. */
async function migrationsIn(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
  );
  return rows.map(({ migration_name }) => migration_name);
}

async function as<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
