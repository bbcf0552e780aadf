import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { NoticeStarter } from '../activities/notices.ts';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import type { notice } from '../workflows/notice.ts';

/** Starts each notice as a workflow of its own, once: its id is the notice's, running or over. */
export const createNoticeStarter = (client: Client): NoticeStarter => ({
  async start(order) {
    try {
      await client.workflow.start<typeof notice>('notice', {
        workflowId: `notice/${order.noticeId}`,
        taskQueue: citizenTaskQueue,
        args: [order],
        // After whatever a citizen waits for, its activity too: a thousand reminders may fall due at once.
        priority: { priorityKey: 5 },
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  },
});
