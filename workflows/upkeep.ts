import { ApplicationFailure, rootCause } from '@temporalio/workflow';
import type { UpkeepTask } from '../activities/upkeep.ts';
import { upkeepActivities } from './proxies.ts';

/**
 * Removes rows that are due, one table after the other; started by a schedule (`worker/upkeep-schedule.ts`). It knows no
 * table and no period: a new task is a new name in its input, and this file stays as it is. Returns the rows removed.
 * @throws ApplicationFailure after the other tasks are done, naming those that failed
 */
export async function upkeep(chores: readonly UpkeepTask[]): Promise<Partial<Record<UpkeepTask, number>>> {
  const nowMs = Date.now();
  const removed: Partial<Record<UpkeepTask, number>> = {};
  const failed: string[] = [];
  for (const chore of chores) {
    try {
      removed[chore] = await upkeepActivities[chore].executeWithOptions({ summary: chore }, [nowMs]);
    } catch (error) {
      failed.push(`${chore}: ${rootCause(error)}`);
    }
  }
  if (failed.length > 0)
    throw ApplicationFailure.create({ type: 'UpkeepFailed', message: failed.join('; '), nonRetryable: true });
  return removed;
}
