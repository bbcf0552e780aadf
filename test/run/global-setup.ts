import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../local/servers/postgres-server.ts';
import { temporalBinary } from '../../local/servers/temporal-server.ts';
import { grantRights } from '../../prisma/grants.ts';
import { applyMigrations } from '../../prisma/schema-engine.ts';
import { bundleWorkflows } from '../../worker/workflow-bundle.ts';
import { chromiumPath } from '../browser/chromium.ts';

/**
 * Once a run: a PostgreSQL with a migrated database that every test file copies, the workflows as one bundle, and
 * Temporal's servers on disk. `CLAVE_TEST_SERVERS=none` for tests of pure rules.
 */
export async function setUp(): Promise<() => Promise<void>> {
  if (process.env['CLAVE_TEST_SERVERS'] === 'none') return async () => {};
  if (!chromiumPath)
    process.stderr.write(
      'No Chromium: the pages are not tried in a browser. Install it, or set CHROMIUM_PATH.\n',
    );
  const folder = mkdtempSync(path.join(tmpdir(), 'clave-test-'));
  const [postgres, bundle, testServer] = await Promise.all([
    startPostgres({ dataDir: path.join(folder, 'postgres'), port: 0, ephemeral: true }),
    bundleWorkflows(),
    temporalBinary('temporal-test-server'),
    temporalBinary('temporal'),
  ]);
  await applyMigrations(postgres.ownerUrl);
  await grantRights(postgres.ownerUrl, postgres.appUrl);
  const bundleFile = path.join(folder, 'workflows.js');
  writeFileSync(bundleFile, bundle.code);
  process.env['CLAVE_TEST_PARTS'] = JSON.stringify({
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    adminUrl: postgres.adminUrl,
    bundleFile,
    testServer,
  });
  return async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
