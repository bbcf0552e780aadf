import { Client, Connection } from '@temporalio/client';
import pLimit from 'p-limit';

/** TIMEOUT_TYPE_START_TO_CLOSE: the worker that had begun it never reported its end. */
const startToClose = 1;

/**
 * Tasks that were on their way to a worker as it stopped, in words: the server counts them as begun, and gives them to
 * another worker after their timeout. Newer servers close this gap mostly (`frontend.enableCancelWorkerPollsOnShutdown`), not wholly.
 * @throws Error while Temporal is away
 */
export async function abandonedTasks(address: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection });
    const atOnce = pLimit(8);
    const looks: Promise<string[]>[] = [];
    for await (const { workflowId, runId, type } of client.workflow.list())
      looks.push(
        atOnce(async () => {
          const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
          return (events ?? []).flatMap((event) => {
            const task = event.workflowTaskTimedOutEventAttributes?.timeoutType === startToClose;
            const activity = event.activityTaskTimedOutEventAttributes;
            // An activity that is tried again leaves its last failure at the start of the next try.
            const again = event.activityTaskStartedEventAttributes?.lastFailure?.timeoutFailureInfo;
            if (task) return [`a task of a ${type} was abandoned`];
            return activity || again ? [`an activity of a ${type} was abandoned`] : [];
          });
        }),
      );
    return (await Promise.all(looks)).flat();
  } finally {
    await connection.close();
  }
}
