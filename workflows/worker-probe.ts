import { condition, defineQuery, setHandler } from '@temporalio/workflow';

/** Answered only if a worker polls and runs workflows: what /readyz asks. A query leaves no history. */
export const alive = defineQuery<true>('alive');

/** A workflow that only answers the probe, for as long as the namespace lives. */
export async function workerProbe(): Promise<void> {
  setHandler(alive, () => true, { description: 'Whether a worker answers' });
  await condition(() => false);
}
