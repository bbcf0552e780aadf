import { makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { readServiceSettings } from '../platform/config.ts';
import { type Database, openDatabase } from '../platform/database.ts';
import { createLog } from '../platform/log.ts';
import { dataConverterFor, payloadMode } from '../platform/payload-codec.ts';
import { runProcess } from '../platform/run-process.ts';
import { KeyRing } from '../platform/secrets.ts';
import { createSmsSender } from '../platform/sms-sender.ts';
import {
  createTemporalClient,
  ensureSearchAttributes,
  temporalConnectionOptions,
} from '../platform/temporal.ts';
import { startTracing } from '../platform/tracing.ts';
import { createLogoutNoticeSender } from './logout-notice-sender.ts';
import { ensureUpkeepSchedule } from './upkeep-schedule.ts';
import { createCitizenWorker, createGatewayWorker, createSmsWorker } from './workers.ts';
import { loadWorkflowBundle } from './workflow-bundle.ts';

/** Runs the first transaction of the process at its start: it takes longer than a message to a citizen may wait. */
const warmUp = (db: Database): Promise<unknown> =>
  db.prisma.$transaction(
    async (tx) => [await tx.citizen.findFirst(), await tx.journey.findFirst({ include: { texts: true } })],
    { maxWait: 10_000, timeout: 10_000 },
  );

/** `npm run worker`: runs the citizens' workflows, sends SMS, and has the gateway send notices of logout. */
await runProcess(async () => {
  const settings = readServiceSettings();
  const log = createLog('worker', settings.LOG_LEVEL);
  const stopTracing = await startTracing('worker', settings);
  Runtime.install({
    // `runProcess` handles signals.
    shutdownSignals: [],
    logger: {
      log: () => {},
      trace: () => {},
      debug: () => {},
      info: (message) => log.debug({ from: 'temporal' }, message),
      warn: (message) => log.warn({ from: 'temporal' }, message),
      error: (message) => log.error({ from: 'temporal' }, message),
    },
    telemetryOptions: {
      // Through the logger above: the core's own output is not JSON and carries more than a message.
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      metrics: {
        prometheus: { bindAddress: `${settings.WORKER_METRICS_HOST}:${settings.WORKER_METRICS_PORT}` },
      },
    },
  });
  const db = openDatabase(settings.DATABASE_URL);
  const client = createTemporalClient(settings);
  const queues = new Set(settings.WORKER_QUEUES);
  // Without the key there is no gateway, and no notice.
  const sender = queues.has('gateway') ? createLogoutNoticeSender(settings) : undefined;
  const [connection, workflowBundle, hasSearchAttributes] = await Promise.all([
    NativeConnection.connect(temporalConnectionOptions(settings)),
    (queues.has('citizens') || sender) && loadWorkflowBundle(),
    ensureSearchAttributes(client),
    ensureUpkeepSchedule(client, settings.policy),
    warmUp(db),
  ]);
  await client.connection.close();
  const dependencies = {
    connection,
    namespace: settings.TEMPORAL_NAMESPACE,
    db,
    ring: new KeyRing(settings.CLAVE_SECRET_KEY),
    sms: createSmsSender(settings),
    policy: settings.policy,
    log,
    ...dataConverterFor(settings.CLAVE_PAYLOAD_KEY),
  };
  const workers = await Promise.all([
    ...(workflowBundle && queues.has('citizens')
      ? [createCitizenWorker(dependencies, { workflowBundle })]
      : []),
    ...(workflowBundle && sender ? [createGatewayWorker(dependencies, { workflowBundle, sender })] : []),
    ...(queues.has('sms') ? [createSmsWorker(dependencies)] : []),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  if (!hasSearchAttributes) log.info('search attributes are left to the operators of this Temporal');
  log.info({ queues: [...queues], payloads: payloadMode(settings.CLAVE_PAYLOAD_KEY) }, 'working');
  return {
    log,
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await db.close();
      await stopTracing();
    },
  };
});
