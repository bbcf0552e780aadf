import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { newCitizen } from '../../workflows/snapshot.ts';
import { Resident } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { type Clockwork, startClockwork } from '../environment/time-skipping-environment.ts';

const second = 1_000;

let clockwork: Clockwork;
beforeAll(async () => {
  clockwork = await startClockwork();
});
afterAll(() => clockwork.stop());

const statusOf = async (resident: Resident) => (await resident.handle.describe()).status.name;

describe('the first run of a citizen', () => {
  test('ends after a minute if no act comes, and the next act begins another', async () => {
    const resident = new Resident(clockwork.town);
    const workflowId = citizenWorkflowId(resident.citizenId);
    const args = [newCitizen(resident.citizenId)];
    await clockwork.env.client.workflow.start('citizen', { workflowId, taskQueue: citizenTaskQueue, args });
    expect(await refusalOf(resident.enterCode('any'))).toBe('NotRegistered');
    await clockwork.pass(61 * second);
    expect(await statusOf(resident)).toBe('COMPLETED');
    expect(await resident.register()).toMatchObject({ kind: 'registered' });
    expect(await resident.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('ends at once if its act comes to nothing', async () => {
    const owner = new Resident(clockwork.town);
    await owner.register();
    await owner.setPassword();
    const resident = new Resident(clockwork.town);
    expect(await resident.register({ phone: owner.data.phone })).toEqual({ kind: 'phone-in-use' });
    for (let tries = 0; tries < 100 && (await statusOf(resident)) === 'RUNNING'; tries += 1) await sleep(20);
    expect(await statusOf(resident)).toBe('COMPLETED');
    expect(await resident.register({ phone: '+34699000333' })).toMatchObject({ kind: 'registered' });
  });
});
