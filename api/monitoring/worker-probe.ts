import { type Client, WorkflowIdConflictPolicy, WorkflowNotFoundError } from '@temporalio/client';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { alive, workerProbe } from '../../workflows/worker-probe.ts';
import { retryOnce } from '../citizens/retry-once.ts';

const probeWorkflowId = 'worker-probe';

/** Queries the probe workflow, which a worker has to answer. Rejects without a reply within the timeout (ms). */
export function createWorkerProbe(client: Client): (timeoutMs: number) => Promise<void> {
  const query = (deadlineMs: number) =>
    client.connection.withDeadline(deadlineMs, () => client.workflow.getHandle(probeWorkflowId).query(alive));
  const probe = async (deadlineMs: number): Promise<void> => {
    try {
      await query(deadlineMs);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      // The first probe in this namespace starts the workflow.
      await client.connection.withDeadline(deadlineMs, () =>
        client.workflow.start(workerProbe, {
          workflowId: probeWorkflowId,
          taskQueue: citizenTaskQueue,
          workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
        }),
      );
      await query(deadlineMs);
    }
  };
  return (timeoutMs) => retryOnce(timeoutMs, probe);
}
