import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Works } from './before.ts';

const { record, text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** The unguarded change: a run that was asleep when it was deployed cannot be replayed: its workflow task fails. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  await record();
  await text();
}
