import { once } from 'node:events';
import { readPortalSettings } from '../platform/config.ts';
import { shutDownGracefully } from '../platform/graceful-shutdown.ts';
import { createLog } from '../platform/log.ts';
import { runProcess } from '../platform/run-process.ts';
import { startTracing } from '../platform/tracing.ts';
import { createPageServer } from '../web/http/page-server.ts';
import { createPortal } from './app.ts';

/** `npm run portal`: the pages as a process, which needs only the address of the API and a front-end key. */
await runProcess(async () => {
  const settings = readPortalSettings();
  const log = createLog('portal', settings.LOG_LEVEL);
  const stopTracing = await startTracing('portal', settings);
  let isLeaving = false;
  const application = createPortal({ settings, log, isLeaving: () => isLeaving });
  const server = createPageServer(application).listen({
    port: settings.PORTAL_PORT,
    host: settings.LISTEN_HOST,
  });
  await once(server, 'listening');
  log.info({ port: settings.PORTAL_PORT }, 'listening');
  return {
    log,
    async stop() {
      isLeaving = true;
      await shutDownGracefully(server, settings.DRAIN_SECONDS);
      await stopTracing();
    },
  };
});
