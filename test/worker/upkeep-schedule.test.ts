import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureUpkeepSchedule, upkeepScheduleId } from '../../worker/upkeep-schedule.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { policyWith } from '../environment/test-policy.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true });
});
afterAll(() => stack.stop());

const schedule = () => stack.client.schedule.getHandle(upkeepScheduleId);
const ensure = (every: string) => ensureUpkeepSchedule(stack.client, policyWith({ upkeep: { every } }));

describe('the schedule of the upkeep', () => {
  test('is made once by workers that start at once, and brought up to date by the next', async () => {
    await Promise.all([ensure('PT15M'), ensure('PT15M'), ensure('PT15M')]);
    const made = await schedule().describe();
    expect(made).toMatchObject({
      spec: { intervals: [{ every: 15 * 60_000 }], jitter: 60_000 },
      policies: { overlap: 'SKIP', catchupWindow: 10_000 },
      action: { type: 'startWorkflow', workflowType: 'upkeep', taskQueue: 'clave' },
    });
    await schedule().pause('operators look into something');
    await Promise.all([ensure('PT5M'), ensure('PT5M')]);
    const later = await schedule().describe();
    expect(later.spec.intervals).toMatchObject([{ every: 5 * 60_000 }]);
    expect(later.state).toMatchObject({ paused: true, note: 'operators look into something' });
    await schedule().unpause();
  });

  test('has what is due removed, again and again', async () => {
    await ensure('PT1S');
    const { idempotentRequest } = stack.db.prisma;
    for (let round = 0; round < 2; round += 1) {
      await idempotentRequest.create({
        data: { keyDigest: randomUUID(), bodyDigest: '', sealedSeed: '', createdAt: new Date(0) },
      });
      await until(
        () => idempotentRequest.count(),
        (count) => count === 0,
        30_000,
      );
    }
    await ensure('P1D');
    const [latest] = (await schedule().describe()).info.recentActions;
    expect(latest?.action.workflow.workflowId).toMatch(/^upkeep/);
  });
});
