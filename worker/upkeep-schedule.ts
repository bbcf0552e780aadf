import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { upkeepTasks } from '../activities/upkeep.ts';
import { lengthMs } from '../domain/durations.ts';
import type { Policy } from '../domain/policy.ts';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import type { upkeep } from '../workflows/upkeep.ts';

/** The schedule's id, and the prefix of its workflows' ids. */
export const upkeepScheduleId = 'upkeep';

/**
 * Creates or updates the schedule of the upkeep workflow. Every worker calls it at its start; concurrent calls all
 * succeed. A pause by an operator is kept.
 */
export async function ensureUpkeepSchedule(
  client: Client,
  { upkeep: { every } }: Pick<Policy, 'upkeep'>,
): Promise<void> {
  const everyMs = lengthMs(every);
  const schedule = {
    // Jitter: deployments that share a database server do not start at the same moment.
    spec: { intervals: [{ every: everyMs }], jitter: Math.min(60_000, everyMs / 10) },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // Missed runs are not caught up, since the next one does their work. Ten seconds is the minimum.
      catchupWindow: 10_000,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: 'upkeep',
      workflowId: upkeepScheduleId,
      taskQueue: citizenTaskQueue,
      args: [upkeepTasks] as Parameters<typeof upkeep>,
      workflowExecutionTimeout: '6 hours' as const,
      staticSummary: 'Removes what is due: docs/operations.md, "Housekeeping"',
    },
  };
  try {
    await client.schedule.create({ scheduleId: upkeepScheduleId, ...schedule });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule
      .getHandle(upkeepScheduleId)
      .update<typeof upkeep>(({ state }) => ({ ...schedule, state }));
  }
}
