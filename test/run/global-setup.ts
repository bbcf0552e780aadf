import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../local/servers/postgres-server.ts';
import { startTemporal, temporalBinary } from '../../local/servers/temporal-server.ts';
import { grantGatewayRights, grantRights } from '../../prisma/grants.ts';
import { applyMigrations } from '../../prisma/schema-engine.ts';
import { bundleWorkflows } from '../../worker/workflow-bundle.ts';
import { chromiumPath } from '../browser/chromium.ts';
import type { SharedServers } from '../environment/shared-servers.ts';
import { inDatabase } from '../environment/test-database.ts';
import { namespaces } from '../environment/test-temporal.ts';

/**
 * Once a run: a PostgreSQL with a migrated database that test files copy, a Temporal server with namespaces for their
 * services, the workflows as one bundle, and Temporal's time-skipping server on disk. `CLAVE_TEST_SERVERS=none` for tests of pure rules.
 * `eagerActivities`: as of `startTemporal`; not for drills, which kill workers.
 */
export async function setUp({ eagerActivities = false } = {}): Promise<() => Promise<void>> {
  if (process.env['CLAVE_TEST_SERVERS'] === 'none') return async () => {};
  if (!chromiumPath)
    process.stderr.write(
      'No Chromium: the pages are not tried in a browser. Install it, or set CHROMIUM_PATH.\n',
    );
  const folder = mkdtempSync(path.join(tmpdir(), 'clave-test-'));
  chmodSync(folder, 0o711); // PostgreSQL's own account has to reach its data in it
  const [postgres, temporal, bundle, testServer] = await Promise.all([
    startPostgres({ dataDir: path.join(folder, 'postgres'), port: 0, ephemeral: true }),
    startTemporal({ port: 0, namespaces, eagerActivities }),
    bundleWorkflows(),
    temporalBinary('temporal-test-server'),
  ]);
  await applyMigrations(postgres.ownerUrl);
  await grantRights(postgres.ownerUrl, postgres.appUrl);
  await grantGatewayRights(postgres.ownerUrl, postgres.gatewayUrl);
  const bundleFile = path.join(folder, 'workflows.js');
  writeFileSync(bundleFile, bundle.code);
  const run: SharedServers = {
    ownerUrl: postgres.ownerUrl,
    appUrl: postgres.appUrl,
    gatewayUrl: postgres.gatewayUrl,
    adminUrl: inDatabase(postgres.adminUrl, 'postgres'),
    temporalAddress: temporal.address,
    bundleFile,
    testServer,
    folder,
  };
  process.env['CLAVE_TEST_RUN'] = JSON.stringify(run);
  return async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
}
