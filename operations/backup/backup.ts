import { createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Client } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { type KeyRing, sameSecret } from '../../platform/secrets.ts';
import { tables } from '../../prisma/grants.ts';

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
  /** SHA-256 of each table's file. */
  digests: z.record(z.string(), z.string()),
  /** Of the secret keys that its hashes were made with: by id, what only that key makes. */
  keys: z.record(z.string(), z.string()),
});
/** What a backup holds, and a proof that it was made by who has the secret key: nobody is made an officer by a file. */
const sealedShape = z.object({
  manifest: manifestShape,
  seal: z.object({ keyId: z.string(), mac: z.string() }),
});
export type Manifest = z.infer<typeof manifestShape>;

const manifestName = 'manifest.json';
const fileOf = (folder: string, table: string): string => join(folder, `${table}.copy`);
const quoted = (table: string): string => `"${table}"`;

/** Only for whoever made it, and never into a file that is there: it holds personal data and password hashes. */
const privateFile = { mode: 0o600, flag: 'wx' } as const;

/**
 * Writes every table into a folder, all as of one moment, while the service runs: one transaction that sees one snapshot.
 * As the owner: the application may not read the audit trail. @throws BackupError if there is anything in the folder, or
 * the ring lacks a key without which this one would be worth nothing
 */
export async function backUp(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new BackupError(`${folder} is not empty`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return as(ownerUrl, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows: keys } = await client.query<{ keyId: string }>(
      'SELECT DISTINCT "keyId" FROM "Password" ORDER BY "keyId"',
    );
    const keyIds = keys.map(({ keyId }) => keyId);
    mustHold(ring, keyIds);
    const rows: Record<string, number> = {};
    const digests: Record<string, string> = {};
    for (const table of kept) {
      const from = client.query(copyTo(`COPY ${quoted(table)} TO STDOUT`));
      const digest = createHash('sha256');
      await pipeline(
        from,
        digested(digest),
        createWriteStream(fileOf(folder, table), { mode: privateFile.mode, flags: privateFile.flag }),
      );
      rows[table] = from.rowCount ?? 0;
      digests[table] = digest.digest('hex');
    }
    const manifest = {
      madeAt: new Date().toISOString(),
      migrations: await migrationsIn(client),
      rows,
      digests,
      keys: Object.fromEntries(keyIds.map((keyId) => [keyId, proofOf(ring, keyId)])),
    };
    await client.query('COMMIT');
    // Last: a folder without it is no backup.
    const { currentKeyId: keyId } = ring;
    const sealed = { manifest, seal: { keyId, mac: sealOf(ring, manifest, keyId) } };
    writeFileSync(join(folder, manifestName), `${JSON.stringify(sealed, null, 2)}\n`, privateFile);
    return manifest;
  });
}

/**
 * Takes a backup back into a database that has been migrated and is empty: whole, or not at all. @throws BackupError where
 * it is not as it was made, would not fit, or nobody could sign in afterwards
 */
export async function restore(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  const manifest = readManifest(folder, ring);
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
      const digest = createHash('sha256');
      await pipeline(createReadStream(fileOf(folder, table)), digested(digest), into);
      if (digest.digest('hex') !== manifest.digests[table])
        throw new BackupError(`${table} is not as it was when the backup was made`);
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
    throw new BackupError(`CLAVE_SECRET_KEY lacks ${missing.join(', ')}, with which this was made`);
}

/** Two keys may bear one id, and then nobody could sign in. */
const proofOf = (ring: KeyRing, keyId: string): string =>
  ring.mac('backup', ['which key'], keyId).toString('base64url');

const sealOf = (ring: KeyRing, manifest: Manifest, keyId: string): string =>
  ring.mac('backup', ['seal', JSON.stringify(manifest)], keyId).toString('base64url');

/** What passes through, as it is, into a digest as well. */
const digested = (digest: Hash): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      done(null, chunk);
    },
  });

/** @throws BackupError for one that is not whole, or not sealed with a key of the ring */
function readManifest(folder: string, ring: KeyRing): Manifest {
  const { manifest, seal } = readSealed(folder);
  mustHold(ring, [seal.keyId]);
  if (!sameSecret(seal.mac, sealOf(ring, manifest, seal.keyId)))
    throw new BackupError(
      `${folder} was not made with ${seal.keyId} of CLAVE_SECRET_KEY, or was changed since`,
    );
  return manifest;
}

function readSealed(folder: string): z.infer<typeof sealedShape> {
  try {
    return sealedShape.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
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
