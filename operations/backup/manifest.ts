import { createHash, type Hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { Client } from 'pg';
import { z } from 'zod';
import { type KeyRing, sameSecret } from '../../platform/secrets.ts';
import { tables } from '../../prisma/grants.ts';

/**
 * Not backed up: a restored session or authorisation code that has been ended since would be valid again; the rate of SMS is
 * of the moment; the gateway makes new keys.
 */
const excludedTables: readonly string[] = [
  'Session',
  'DeskSession',
  'StagedPassword',
  'SmsRate',
  'OidcArtefact',
  'LogoutSubject',
  'GatewayKey',
];
/** Every table in a backup, each after those that it references. */
export const backedUpTables = tables.filter((table) => !excludedTables.includes(table));

/** Prevents a backup or restore: one printable line. */
export class BackupError extends Error {
  constructor(line: string) {
    super(line);
    this.name = 'BackupError';
  }
}

const manifestSchema = z.object({
  madeAt: z.iso.datetime(),
  /** Names of the applied migrations: a backup is restored into the same schema only. */
  migrations: z.array(z.string()),
  /** Number of rows per table. */
  rows: z.record(z.string(), z.int()),
  /** SHA-256 of each table's file. */
  digests: z.record(z.string(), z.string()),
  /** Per id of a secret key that its password hashes need, a value that only that key makes. */
  keys: z.record(z.string(), z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

/**
 * A manifest in clear with its MAC, which proves that the holder of the secret key made the backup: an edited file cannot
 * add an officer. The file calls it `seal`; nothing is encrypted.
 */
const authenticatedManifestSchema = z.object({
  manifest: manifestSchema,
  seal: z.object({ keyId: z.string(), mac: z.string() }),
});

const manifestName = 'manifest.json';
/** The file of a table, in PostgreSQL's COPY format. */
export const tableFile = (folder: string, table: string): string => join(folder, `${table}.copy`);

/** Readable by its owner only, and never overwriting: it holds personal data and password hashes. */
export const privateFile = { mode: 0o600, flag: 'wx' } as const;

/** Writes a manifest with its MAC under the ring's first key. */
export function writeManifest(folder: string, manifest: Manifest, ring: KeyRing): void {
  const { currentKeyId: keyId } = ring;
  const authenticated = { manifest, seal: { keyId, mac: macOf(ring, manifest, keyId) } };
  writeFileSync(join(folder, manifestName), `${JSON.stringify(authenticated, null, 2)}\n`, privateFile);
}

/** @throws BackupError if the backup is incomplete or its MAC is of no key of the ring */
export function readManifest(folder: string, ring: KeyRing): Manifest {
  const { manifest, seal } = readAuthenticatedManifest(folder);
  requireKeys(ring, [seal.keyId]);
  if (!sameSecret(seal.mac, macOf(ring, manifest, seal.keyId)))
    throw new BackupError(
      `${folder} was not made with ${seal.keyId} of CLAVE_SECRET_KEY, or was changed since`,
    );
  return manifest;
}

function readAuthenticatedManifest(folder: string): z.infer<typeof authenticatedManifestSchema> {
  try {
    return authenticatedManifestSchema.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8')));
  } catch {
    throw new BackupError(`${folder} holds no whole backup`);
  }
}

/** @throws BackupError if a key is not in the ring */
export function requireKeys(ring: KeyRing, keyIds: readonly string[]): void {
  const missing = keyIds.filter((keyId) => !ring.has(keyId));
  if (missing.length > 0)
    throw new BackupError(`CLAVE_SECRET_KEY lacks ${missing.join(', ')}, with which this was made`);
}

/** Distinguishes two keys with the same id. */
export const keyProof = (ring: KeyRing, keyId: string): string =>
  ring.mac('backup', ['which key'], keyId).toString('base64url');

const macOf = (ring: KeyRing, manifest: Manifest, keyId: string): string =>
  ring.mac('backup', ['seal', JSON.stringify(manifest)], keyId).toString('base64url');

/** A stream that passes data on and digests it (SHA-256). */
export function digesting(): { stream: Transform; digest: Hash } {
  const digest = createHash('sha256');
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      digest.update(chunk);
      done(null, chunk);
    },
  });
  return { stream, digest };
}

/** Names of the applied migrations, in order. */
export async function appliedMigrations(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY migration_name',
  );
  return rows.map(({ migration_name }) => migration_name);
}

export async function withClient<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
