import { proxyActivities, sleep } from '@temporalio/workflow';

const { text } = proxyActivities<Works>({ startToCloseTimeout: '5 seconds' });

/** The activities of the example. */
export interface Works {
  record(): Promise<void>;
  text(): Promise<void>;
}

/** The example of docs/changing-workflows.md, as it was released: sleeps for a month, then texts. */
export async function remind(): Promise<void> {
  await sleep('30 days');
  await text();
}
