import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { type KeyRing, sameSecret } from '../../platform/secrets.ts';
import { tables } from '../../prisma/grants.ts';
import { areReadable } from '../../prisma/readable-data.ts';
import { endAllIdentifications } from '../../records/identifications.ts';
import {
  appliedMigrations,
  BackupError,
  backedUpTables,
  digesting,
  keyProof,
  type Manifest,
  readManifest,
  requireKeys,
  tableFile,
  withClient,
} from './manifest.ts';

/**
 * Restores a backup into a migrated, empty database, in one transaction. @throws BackupError if the backup was changed,
 * belongs to another version, or its password hashes need a key that the ring lacks
 */
export async function restore(ownerUrl: string, folder: string, ring: KeyRing): Promise<Manifest> {
  const manifest = readManifest(folder, ring);
  requireKeys(ring, Object.keys(manifest.keys));
  for (const [keyId, proof] of Object.entries(manifest.keys))
    if (!sameSecret(proof, keyProof(ring, keyId)))
      throw new BackupError(
        `${keyId} in CLAVE_SECRET_KEY is another key than that of this backup's passwords`,
      );
  return withClient(ownerUrl, async (client) => {
    if (!areReadable(manifest.migrations))
      throw new BackupError(
        'the backup was made before the first release, and this one cannot carry its journeys on: register the citizens anew in an empty database',
      );
    const migrations = await appliedMigrations(client);
    if (migrations.join() !== manifest.migrations.join())
      throw new BackupError('the backup is of another version: migrate an empty database to that one first');
    await client.query('BEGIN');
    for (const table of tables) {
      const { rows } = await client.query(`SELECT FROM "${table}" LIMIT 1`);
      // The migrations insert the one row of this table: the row of the backup replaces it.
      if (table === 'AuditRetention') await client.query(`DELETE FROM "${table}"`);
      else if (rows.length > 0)
        throw new BackupError(`the database is not empty: there are rows in ${table}`);
      if (!backedUpTables.includes(table)) continue;
      const target = client.query(copyFrom(`COPY "${table}" FROM STDIN`));
      const { stream, digest } = digesting();
      await pipeline(createReadStream(tableFile(folder, table)), stream, target);
      if (digest.digest('hex') !== manifest.digests[table])
        throw new BackupError(`${table} is not as it was when the backup was made`);
    }
    await client.query(endAllIdentifications);
    await client.query('COMMIT');
    await client.query('ANALYZE');
    return manifest;
  });
}
