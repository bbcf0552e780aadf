import { createRequire } from 'node:module';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readServiceSettings } from '../../platform/config.ts';
import { createSmsSender } from '../../platform/sms-sender.ts';
import { workflowCache } from '../../worker/workflow-cache.ts';
import { createBareActivities } from './bare-activities.ts';
import { bareQueue, bareSmsQueue } from './bare-queues.ts';
import { bareStatements } from './bare-statements.ts';

/* A process of its own, with the product's settings and the options of its workers. */
const settings = readServiceSettings();
Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address: settings.TEMPORAL_ADDRESS });
const silent = () => {};
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: createRequire(import.meta.url).resolve('./journeys.ts'),
  logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
});
const { sendOtp, sendNotice, ...activities } = createBareActivities({
  client: new Client({ connection }),
  sms: createSmsSender(settings),
  run: bareStatements(settings.DATABASE_URL),
});
const workers = await Promise.all([
  Worker.create({ connection, workflowBundle, taskQueue: bareQueue, activities, ...workflowCache }),
  Worker.create({ connection, taskQueue: bareSmsQueue, activities: { sendOtp, sendNotice } }),
]);
process.on('SIGTERM', () => {
  for (const worker of workers) worker.shutdown();
});
const running = Promise.all(workers.map((worker) => worker.run()));
process.send?.('ready');
await running;
process.exit(0);
