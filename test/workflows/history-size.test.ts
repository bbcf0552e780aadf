import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { Citizen } from '../actors/citizen.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

// On the real server: the one under which time can be skipped writes more.
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** How many events each run of a citizen's workflow has, oldest first. */
async function eventsByRun({ citizenId }: Citizen): Promise<number[]> {
  const workflowId = citizenWorkflowId(citizenId);
  const runs: { runId: string; startTime: Date; historyLength: number }[] = [];
  for await (const run of stack.client.workflow.list({ query: `WorkflowId="${workflowId}"` })) runs.push(run);
  runs.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  const handles = runs.map(({ runId }) => stack.client.workflow.getHandle(workflowId, runId));
  const histories = await Promise.all(handles.map((handle) => handle.fetchHistory()));
  return histories.map(({ events }) => events?.length ?? 0);
}

describe('the history of a citizen', () => {
  test('is 45 events long at most from the registration act to the password, and a handful in two years of sleep', async () => {
    const lengths: number[][] = [];
    for (let round = 0; round < 3; round += 1) {
      const person = await new Citizen(stack).register();
      await person.activateOrReset();
      // The second run is asleep once its first task is done.
      lengths.push(
        await until(
          () => eventsByRun(person),
          (runs) => runs.length === 2 && (runs[1] ?? 0) > 3,
        ),
      );
    }
    // Events that happen to arrive together share a task: the shortest is what it takes.
    expect(Math.min(...lengths.map(([awake = 0]) => awake))).toBeLessThanOrEqual(45);
    expect(Math.max(...lengths.map(([, asleep = 0]) => asleep))).toBeLessThanOrEqual(8);
  });
});
