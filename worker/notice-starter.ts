import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { NoticeStarter } from '../activities/notices.ts';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import type { notice } from '../workflows/notice.ts';

/** Starts a workflow for each notice, once: its id is the notice's, and a closed one is not started again. */
export const createNoticeStarter = (client: Client): NoticeStarter => ({
  async start(order) {
    try {
      await client.workflow.start<typeof notice>('notice', {
        workflowId: `notice/${order.noticeId}`,
        taskQueue: citizenTaskQueue,
        args: [order],
        // Below everything that a citizen waits for: a thousand reminders may be due at once. Its activity inherits it.
        priority: { priorityKey: 5 },
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  },
});
