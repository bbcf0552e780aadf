import { readFileSync } from 'node:fs';
import type { NativeConnection } from '@temporalio/worker';
import type { Database } from '../../platform/database.ts';
import { createLog } from '../../platform/log.ts';
import { dataConverterFor } from '../../platform/payload-codec.ts';
import { createLogoutNoticeSender } from '../../worker/logout-notice-sender.ts';
import { createGatewayWorker } from '../../worker/workers.ts';
import { payloadSettings } from './payload-key.ts';
import { sharedServers } from './shared-servers.ts';

interface Options {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly db: Database;
  readonly gatewayUrl: string;
  readonly gatewayKey: string;
}

/** Starts a worker of notices of logout, as `worker/main.ts` does. Returns what stops it. */
export async function startGatewayWorker({
  connection,
  namespace,
  db,
  gatewayUrl,
  gatewayKey,
}: Options): Promise<() => Promise<void>> {
  const sender = createLogoutNoticeSender({ GATEWAY_INTERNAL_URL: gatewayUrl, GATEWAY_KEY: gatewayKey });
  if (!sender) throw new Error('no key');
  const worker = await createGatewayWorker(
    {
      ...{ connection, namespace, db, log: createLog('test', 'silent') },
      ...dataConverterFor(payloadSettings().CLAVE_PAYLOAD_KEY),
    },
    { sender, workflowBundle: { code: readFileSync(sharedServers().bundleFile, 'utf8') } },
  );
  const running = worker.run();
  return async () => {
    worker.shutdown();
    await running;
  };
}
