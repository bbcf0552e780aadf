import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { newCitizenSnapshot } from '../../workflows/snapshot.ts';
import { CitizenDriver } from '../actors/citizen-driver.ts';
import { refusalOf } from '../actors/workflow-context.ts';
import { useTimeSkippingEnvironment } from '../environment/time-skipping-environment.ts';

const second = 1_000;

const env = await useTimeSkippingEnvironment();

const statusOf = async (driver: CitizenDriver) => (await driver.handle.describe()).status.name;

describe('the first run of a citizen', () => {
  test('ends after a minute if no act comes, and the next act begins another', async () => {
    const driver = new CitizenDriver(env.context);
    const workflowId = citizenWorkflowId(driver.citizenId);
    const args = [newCitizenSnapshot(driver.citizenId)];
    await env.temporal.client.workflow.start('citizen', { workflowId, taskQueue: citizenTaskQueue, args });
    expect(await refusalOf(driver.enterCode('any'))).toBe('NotRegistered');
    await env.advance(61 * second);
    expect(await statusOf(driver)).toBe('COMPLETED');
    expect(await driver.register()).toMatchObject({ kind: 'registered' });
    expect(await driver.enterCode()).toMatchObject({ kind: 'accepted' });
  });

  test('ends at once if its act comes to nothing', async () => {
    const owner = new CitizenDriver(env.context);
    await owner.register();
    await owner.activateOrReset();
    const driver = new CitizenDriver(env.context);
    expect(await driver.register({ phone: owner.data.phone })).toEqual({ kind: 'phone-in-use' });
    for (let tries = 0; tries < 100 && (await statusOf(driver)) === 'RUNNING'; tries += 1) await sleep(20);
    expect(await statusOf(driver)).toBe('COMPLETED');
    expect(await driver.register({ phone: '+34699000333' })).toMatchObject({ kind: 'registered' });
  });
});
