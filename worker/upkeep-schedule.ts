import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import { upkeepTasks } from '../activities/upkeep.ts';
import { lengthMs } from '../domain/durations.ts';
import type { Policy } from '../domain/policy.ts';
import { citizenTaskQueue } from '../domain/task-queues.ts';
import type { upkeep } from '../workflows/upkeep.ts';

/** The schedule's id, and the beginning of its workflows' ids. */
export const upkeepScheduleId = 'upkeep';

/**
 * Has the upkeep done every so often. Called by every worker at its start: makes the schedule or brings it up to date, so
 * that two at once both succeed. Whether operators have paused it stays as it is.
 */
export async function ensureUpkeepSchedule(
  client: Client,
  { upkeep: { every } }: Pick<Policy, 'upkeep'>,
): Promise<void> {
  const everyMs = lengthMs(every);
  const schedule = {
    // Not on the minute: deployments that share a database server do not all begin at once.
    spec: { intervals: [{ every: everyMs }], jitter: Math.min(60_000, everyMs / 10) },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      // What was missed while Temporal was away is done by the next one: ten seconds is the shortest there is.
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
