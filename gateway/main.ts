import { once } from 'node:events';
import { readGatewaySettings } from '../platform/config.ts';
import { openPool } from '../platform/database-pool.ts';
import { shutDownGracefully } from '../platform/graceful-shutdown.ts';
import { createLog, portionedOutput } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { startTracing } from '../platform/tracing.ts';
import { createPageServer } from '../web/http/page-server.ts';
import { createGateway } from './app.ts';
import { createFlowPages } from './flow/create-flow-pages.ts';

const maintenanceMs = 60_000;

/** `npm run gateway`: the identification gateway as a process, with a database role that sees no citizen. */
await runProcess(async () => {
  const settings = readGatewaySettings();
  const log = createLog('gateway', settings.LOG_LEVEL, portionedOutput());
  const stopTracing = await startTracing('gateway', settings);
  const pool = openPool(settings.GATEWAY_DATABASE_URL);
  let isLeaving = false;
  const { application, maintain } = await createGateway({
    ...{ settings, log, db: pool, createPages: createFlowPages, isLeaving: () => isLeaving },
  });
  const maintenance = setInterval(() => {
    maintain().catch((error: unknown) => {
      for (const err of error instanceof AggregateError ? error.errors : [error])
        log.error({ err }, 'maintenance failed');
    });
  }, maintenanceMs);
  const server = createPageServer(application).listen({
    port: settings.GATEWAY_PORT,
    host: settings.LISTEN_HOST,
  });
  await once(server, 'listening');
  log.info({ port: settings.GATEWAY_PORT }, 'listening');
  return {
    log,
    async stop() {
      isLeaving = true;
      clearInterval(maintenance);
      await shutDownGracefully(server, settings.DRAIN_SECONDS);
      await pool.end();
      await stopTracing();
    },
  };
});
