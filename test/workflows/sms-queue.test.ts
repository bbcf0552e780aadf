import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { smsTaskQueue } from '../../domain/task-queues.ts';
import { createNoticeStarter } from '../../worker/notice-starter.ts';
import { Citizen } from '../actors/citizen.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

const notices = 40;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { textsPerSecond: 1 } });
});
afterAll(() => stack.stop());

/** Texts that Temporal holds back, as it estimates them. */
async function heldBack(): Promise<number> {
  const { stats } = await stack.client.workflowService.describeTaskQueue({
    namespace: stack.client.options.namespace,
    taskQueue: { name: smsTaskQueue },
    taskQueueType: 2, // activities
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}

test('texts go out at the rate that is set, and a code before the notices that were there first', async () => {
  const person = await new Citizen(stack).register();
  await until(
    () => person.smsMessages().length,
    (welcome) => welcome === 1,
  );
  const { start } = createNoticeStarter(stack.client);
  const orders = Array.from({ length: notices }, () => ({
    ...{ noticeId: randomUUID(), citizenId: person.citizenId },
    notice: 'password-set' as const,
  }));
  await Promise.all(orders.map(start));
  // At a text a second nearly all of them wait; at no rate of its own none would.
  await until(heldBack, (count) => count >= notices / 2);
  const journey = await person.startActivation();
  const sentBefore = person.smsMessages().length;
  await journey.otp();
  const position = person.smsMessages().findIndex((text) => /\b\d{6}\b/.test(text));
  // A worker may have taken some notices already, more of them on a busy machine; at the end of the queue the code would
  // come after all of them.
  expect(position).toBeLessThan(Math.min(sentBefore + notices / 2, notices));
});
