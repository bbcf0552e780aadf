import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { citizenTaskQueue } from '../../domain/task-queues.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { otherPassword } from '../actors/credentials.ts';
import { lookUp } from '../actors/office.ts';
import { signIn, signInSubstantial } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { decoded } from './decoded.ts';

const key = (id: string) => ({ id, bytes: randomBytes(32) });
const [older, newer] = [key('p1'), key('p2')];

let stack: Stack;
// As in docs/operations.md: every process knows the new key before any encrypts by it.
beforeAll(async () => {
  stack = await startStack({ payload: { CLAVE_PAYLOAD_KEY: [older, newer] } });
});
afterAll(() => stack.stop());

/** All that Temporal has of a citizen, as somebody reads it who has no key. */
async function asStored(citizenId: string): Promise<string> {
  const plain = new Client({ connection: stack.client.connection });
  const workflowId = citizenWorkflowId(citizenId);
  const runs: unknown[] = [];
  for await (const { runId } of plain.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const handle = plain.workflow.getHandle(workflowId, runId);
    runs.push(await handle.fetchHistory(), (await handle.describe()).raw);
  }
  return JSON.stringify(runs, (name, value: unknown) => {
    // Named in clear on purpose: what is looked for stands in payloads.
    if (['workflowId', 'searchAttributes'].includes(name)) return undefined;
    return value instanceof Uint8Array || isBufferJson(value)
      ? Buffer.from(value as never).toString()
      : value;
  });
}

const isBufferJson = (value: unknown): boolean => (value as { type?: unknown } | null)?.type === 'Buffer';

describe('with CLAVE_PAYLOAD_KEY', () => {
  test('Temporal has nothing of a journey that can be read, and it goes its way', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInSubstantial(stack, citizen);
    const stored = await asStored(citizen.citizenId);
    expect(stored.length).toBeGreaterThan(2_000);
    for (const word of [
      citizen.citizenId,
      journey.id,
      'json/plain',
      'tokenDigest',
      'remindersAtMs',
      'code 1',
    ])
      expect([word, stored.includes(word)]).toEqual([word, false]);
    const signedIn = await journey.enterOtp(await journey.otp());
    expect(signedIn.body.journey.outcome).toBe('signed-in');
  });

  test('whoever was asleep under an older key wakes under the new one', async () => {
    const citizen = await activeCitizen(stack);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    const again = await citizen.confirmedJourney();
    expect((await again.choosePassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.status).toBe('active');
  });

  test('whoever fell asleep in clear goes on encrypted', async () => {
    const citizen = await activeCitizen(stack);
    await asBeforeTheKey(citizen.citizenId);
    const journey = await citizen.confirmedJourney();
    expect((await journey.choosePassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    // Asleep again, with a snapshot that is not in clear.
    expect((await snapshotOf(citizen.citizenId, 'continued')).metadata).toHaveProperty('encryption-key-id');
  });

  test('while API and worker differ, nothing is taken and nothing is lost', async () => {
    await stack.stopWorkers();
    await stack.startWorkers({});
    // The API encrypts already, and this worker can't read it.
    const citizen = new Citizen(stack);
    expect((await citizen.tryRegister()).status).toBe(503);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    await citizen.register();
    expect((await citizen.setPassword()).body.journey.outcome).toBe('activated');
  });
});

/** The citizen's chapter begun anew with its snapshot in clear, as it was written before there was a key. */
async function asBeforeTheKey(citizenId: string): Promise<void> {
  const [snapshot] = (await decoded(stack.client, await snapshotOf(citizenId, 'continued'))) as [Payload];
  const plain = new Client({ connection: stack.client.connection });
  await plain.workflow.start('citizen', {
    ...{ workflowId: citizenWorkflowId(citizenId), taskQueue: citizenTaskQueue },
    // Within a second of the other's beginning Temporal refuses, and the client repeats.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    args: [defaultPayloadConverter.fromPayload(snapshot)],
  });
  expect((await snapshotOf(citizenId, 'begun')).metadata).not.toHaveProperty('encryption-key-id');
}

/** With what the present chapter began: by a registration, or by what has been done in the one before. */
async function snapshotOf(citizenId: string, how: 'begun' | 'continued'): Promise<Payload> {
  const handle = stack.client.workflow.getHandle(citizenWorkflowId(citizenId));
  const started = await until(
    async () => (await handle.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes,
    (event) => Boolean(event?.continuedExecutionRunId) === (how === 'continued'),
  );
  const payload = started?.input?.payloads?.[0];
  if (!payload) throw new Error('begun without an argument');
  return payload;
}
