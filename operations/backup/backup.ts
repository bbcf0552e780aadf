import { createWriteStream, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import type { KeyRing } from '../../platform/secrets.ts';
import {
  appliedMigrations,
  BackupError,
  backedUpTables,
  digesting,
  keyProof,
  type Manifest,
  privateFile,
  requireKeys,
  tableFile,
  withClient,
  writeManifest,
} from './manifest.ts';

/**
 * Writes every table into a folder while the service runs, all from one snapshot. `ownerUrl`: the application's role may
 * not read the audit trail. @throws BackupError if the folder is not empty, or the ring lacks a key of the password
 * hashes, without which the backup would be useless
 */
export async function backUp(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new BackupError(`${folder} is not empty`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return withClient(ownerUrl, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const { rows: keys } = await client.query<{ keyId: string }>(
      'SELECT DISTINCT "keyId" FROM "Password" ORDER BY "keyId"',
    );
    const keyIds = keys.map(({ keyId }) => keyId);
    requireKeys(ring, keyIds);
    const rows: Record<string, number> = {};
    const digests: Record<string, string> = {};
    for (const table of backedUpTables) {
      const source = client.query(copyTo(`COPY "${table}" TO STDOUT`));
      const { stream, digest } = digesting();
      const file = createWriteStream(tableFile(folder, table), {
        mode: privateFile.mode,
        flags: privateFile.flag,
      });
      await pipeline(source, stream, file);
      rows[table] = source.rowCount ?? 0;
      digests[table] = digest.digest('hex');
    }
    const manifest = {
      madeAt: new Date().toISOString(),
      migrations: await appliedMigrations(client),
      rows,
      digests,
      keys: Object.fromEntries(keyIds.map((keyId) => [keyId, keyProof(ring, keyId)])),
    };
    await client.query('COMMIT');
    // The manifest is written last: a folder without one is an incomplete backup.
    writeManifest(folder, manifest, ring);
    return manifest;
  });
}
