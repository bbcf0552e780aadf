import { deprecatePatch, proxyActivities, sleep } from '@temporalio/workflow';
import type { Works } from './before.ts';

const { record, text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** Step 2, once every run from before step 1 has ended: the new branch alone; the marker becomes optional. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  deprecatePatch('record-before-texting');
  await record();
  await text();
}
