import { proxyActivities, sleep } from '@temporalio/workflow';
import type { Works } from './before.ts';

const { record, text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** The change as one would like to write it: whoever was asleep when it came stands still. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  await record();
  await text();
}
