import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, WorkflowFailedError } from '@temporalio/client';
import { upkeepTasks } from '../../activities/upkeep.ts';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import type { upkeep } from '../../workflows/upkeep.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const env = await useTimeSkippingEnvironment();

const run = (names: readonly string[]) =>
  env.temporal.client.workflow.execute<typeof upkeep>('upkeep', {
    workflowId: randomUUID(),
    taskQueue: citizenTaskQueue,
    args: [names] as unknown as Parameters<typeof upkeep>,
  });
const answer = (createdAt: Date) =>
  env.db.prisma.idempotentRequest.create({
    data: { keyDigest: randomUUID(), bodyDigest: '', sealedSeed: '', createdAt },
  });

describe('a round of the upkeep', () => {
  test('does every chore, by the clock of the workflow, and tells how many rows went', async () => {
    await answer(new Date(await env.nowMs()));
    expect(await run(upkeepTasks)).toEqual(Object.fromEntries(upkeepTasks.map((chore) => [chore, 0])));
    await env.advance(25 * 60 * 60 * 1_000);
    expect(await run(upkeepTasks)).toMatchObject({ removeAnswers: 1, removeJourneys: 0 });
  });

  test('that cannot do one chore does the others, and fails for operators to see', async () => {
    await answer(new Date(0));
    const failed = await run(['removeWhatIsNotThere', 'removeAnswers']).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(WorkflowFailedError);
    const { cause } = failed as WorkflowFailedError;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect((cause as ApplicationFailure).type).toBe('UpkeepFailed');
    expect((cause as ApplicationFailure).message).toMatch(/^removeWhatIsNotThere: /);
    expect(await env.db.prisma.idempotentRequest.count()).toBe(0);
  });
});
