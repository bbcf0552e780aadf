import { createRequire } from 'node:module';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { readServiceSettings } from '../../platform/config.ts';
import { createSmsSender, type SmsSender } from '../../platform/sms-sender.ts';
import { workflowCache } from '../../worker/workflow-cache.ts';
import { bareQueue, bareTextQueue } from './journeys.ts';

/** Activities that do nothing; `text` sends to a phone if there is one, as the product does. */
const createBareActivities = (client: Client, sms: SmsSender) => ({
  async doNothing(): Promise<void> {},
  async startNotice(id: string): Promise<void> {
    await client.workflow.start('bareNotice', { workflowId: id, taskQueue: bareQueue });
  },
  async text(to: string | null): Promise<void> {
    if (to) await sms.send({ id: 'bare/1', to, body: 'Cl@ve: 000000 no abre nada.' });
  },
});
export type BareActivities = ReturnType<typeof createBareActivities>;

/* A process of its own, with the product's settings and the options of its workers. */
const settings = readServiceSettings();
Runtime.install({ logger: new DefaultLogger('WARN') });
const connection = await NativeConnection.connect({ address: settings.TEMPORAL_ADDRESS });
const silent = () => {};
const workflowBundle = await bundleWorkflowCode({
  workflowsPath: createRequire(import.meta.url).resolve('./journeys.ts'),
  logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
});
const { text, ...activities } = createBareActivities(new Client({ connection }), createSmsSender(settings));
const workers = await Promise.all([
  Worker.create({ connection, workflowBundle, taskQueue: bareQueue, activities, ...workflowCache }),
  Worker.create({ connection, taskQueue: bareTextQueue, activities: { text } }),
]);
process.on('SIGTERM', () => {
  for (const worker of workers) worker.shutdown();
});
const running = Promise.all(workers.map((worker) => worker.run()));
process.send?.('ready');
await running;
process.exit(0);
