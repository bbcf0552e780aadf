import { deprecatePatch, proxyActivities, sleep } from '@temporalio/workflow';
import type { Works } from './before.ts';

const { record, text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** Step 2, once nobody is left who began before step 1: the new way alone, and a marker that may be missing later. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  deprecatePatch('record-before-texting');
  await record();
  await text();
}
