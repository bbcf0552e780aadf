import { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { createCitizenActivities } from '../activities/citizen-activities.ts';
import { createLogoutNoticeActivities, type LogoutNoticeSender } from '../activities/logout-notices.ts';
import { createSmsActivities } from '../activities/sms-activities.ts';
import { createUpkeepActivities } from '../activities/upkeep.ts';
import type { Policy } from '../domain/policy.ts';
import { citizenTaskQueue, gatewayTaskQueue, smsTaskQueue } from '../domain/task-queues.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/log.ts';
import type { KeyRing } from '../platform/secrets.ts';
import type { SmsSender } from '../platform/sms-sender.ts';
import { clientTracing } from '../platform/temporal-tracing.ts';
import { activityTracing } from './activity-tracing.ts';
import { createNoticeStarter } from './notice-starter.ts';
import { scrubActivityErrors } from './scrub-activity-errors.ts';
import { workflowCache } from './workflow-cache.ts';

/** The dependencies of all workers. */
export interface WorkerDependencies {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly db: Database;
  readonly ring: KeyRing;
  readonly sms: SmsSender;
  readonly policy: Policy;
  readonly log: Logger;
  readonly dataConverter?: DataConverter;
}

/** The worker of the citizens' workflows with their activities on PostgreSQL, and of the upkeep. */
export const createCitizenWorker = (
  { connection, namespace, db, ring, policy, log, dataConverter }: WorkerDependencies,
  workflows: Pick<WorkerOptions, 'workflowBundle'>,
): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    ...(dataConverter && { dataConverter }),
    taskQueue: citizenTaskQueue,
    activities: {
      ...createCitizenActivities({
        db,
        ring,
        notices: createNoticeStarter(
          new Client({
            connection,
            namespace,
            interceptors: { workflow: clientTracing() },
            ...(dataConverter && { dataConverter }),
          }),
        ),
      }),
      ...createUpkeepActivities({ db, policy }),
    },
    ...workflows,
    ...workflowCache,
    interceptors: { activity: [...activityTracing(), scrubActivityErrors(log)] },
    shutdownGraceTime: '5s',
  });

/** The worker that calls the SMS provider, on a queue of its own: its rate limit and slow calls delay nothing else. */
export const createSmsWorker = ({
  connection,
  namespace,
  db,
  ring,
  sms,
  policy,
  log,
  dataConverter,
}: WorkerDependencies): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    ...(dataConverter && { dataConverter }),
    taskQueue: smsTaskQueue,
    activities: createSmsActivities({ db, ring, sms, policy }),
    // Enforced by Temporal's server over all workers.
    maxTaskQueueActivitiesPerSecond: policy.smsPerSecond,
    interceptors: { activity: [...activityTracing(), scrubActivityErrors(log)] },
    shutdownGraceTime: '5s',
  });

/**
 * The worker of notices of logout, with their workflows. It waits for relying parties, on a queue of its own: an endpoint that
 * hangs delays nothing else.
 */
export const createGatewayWorker = (
  {
    connection,
    namespace,
    db,
    log,
    dataConverter,
  }: Pick<WorkerDependencies, 'connection' | 'namespace' | 'db' | 'log' | 'dataConverter'>,
  { sender, ...workflows }: Pick<WorkerOptions, 'workflowBundle'> & { sender: LogoutNoticeSender },
): Promise<Worker> =>
  Worker.create({
    connection,
    namespace,
    ...(dataConverter && { dataConverter }),
    taskQueue: gatewayTaskQueue,
    activities: createLogoutNoticeActivities({ db, sender }),
    ...workflows,
    ...workflowCache,
    // A workflow waits for hours, or is over at once: there is little to keep.
    maxCachedWorkflows: 20,
    interceptors: { activity: [...activityTracing(), scrubActivityErrors(log)] },
    shutdownGraceTime: '5s',
  });
