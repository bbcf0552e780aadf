import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Citizen } from '../actors/citizen.ts';
import { wrongCode } from '../actors/credentials.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test('thousands of wrong activation codes cost a blocked citizen nothing, and a new act helps as before', async () => {
  const citizen = await new Citizen(stack).register();
  const flooding = citizen.withoutRetries();
  const enterWrong = () => flooding.tryStartActivation({ activationCode: wrongCode });
  const historyLength = async () =>
    (await stack.client.workflow.getHandle(citizenWorkflowId(citizen.citizenId)).describe()).historyLength;
  for (let entry = 0; entry < 6; entry += 1) await enterWrong();
  const before = await historyLength();
  // One run of a workflow takes 2,000 updates, then Temporal ends it: entries that counted as such would kill it.
  const limit = pLimit(60);
  const replies = await Promise.all(Array.from({ length: 2_100 }, () => limit(enterWrong)));
  const statuses = new Set(replies.map(({ status }) => status));
  // On a busy machine some time out with 503, and those do not count either.
  statuses.delete(503);
  expect(statuses).toEqual(new Set([423]));
  expect((await historyLength()) - before).toBeLessThan(10);

  await citizen.register();
  expect((await citizen.tryStartActivation()).status).toBe(201);
}, 300_000);
