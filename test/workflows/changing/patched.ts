import { patched, proxyActivities, sleep } from '@temporalio/workflow';
import type { Works } from './before.ts';

const { record, text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** Step 1: both branches; a run that takes the new one records a marker. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  const isRecorded = patched('record-before-texting');
  if (isRecorded) await record();
  await text();
}
