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
import { decodePayloads } from './decode-payloads.ts';

const key = (id: string) => ({ id, bytes: randomBytes(32) });
const [older, newer] = [key('p1'), key('p2')];

let stack: Stack;
// As docs/operations.md requires, every process has the new key before one encrypts with it.
beforeAll(async () => {
  stack = await startStack({ payload: { CLAVE_PAYLOAD_KEY: [older, newer] } });
});
afterAll(() => stack.stop());

/** Everything that Temporal stores of a citizen, read without a key. */
async function storedInTemporal(citizenId: string): Promise<string> {
  const plain = new Client({
    connection: stack.client.connection,
    namespace: stack.client.options.namespace,
  });
  const workflowId = citizenWorkflowId(citizenId);
  const runs: unknown[] = [];
  for await (const { runId } of plain.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const handle = plain.workflow.getHandle(workflowId, runId);
    runs.push(await handle.fetchHistory(), (await handle.describe()).raw);
  }
  return JSON.stringify(runs, (name, value: unknown) => {
    // In clear by design; the test is about payloads.
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
    const stored = await storedInTemporal(citizen.citizenId);
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

  test('a citizen’s workflow that slept under an older key goes on under the new one', async () => {
    const citizen = await activeCitizen(stack);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    const again = await citizen.confirmedJourney();
    expect((await again.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect((await lookUp(stack, citizen)).body.status).toBe('active');
  });

  test('a citizen’s workflow that slept in clear goes on encrypted', async () => {
    const citizen = await activeCitizen(stack);
    await restartInClear(citizen.citizenId);
    const journey = await citizen.confirmedJourney();
    expect((await journey.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    // Dormant again, with an encrypted snapshot.
    expect((await snapshotOf(citizen.citizenId, 'continued')).metadata).toHaveProperty('encryption-key-id');
  });

  test('while API and worker differ, nothing is taken and nothing is lost', async () => {
    await stack.stopWorkers();
    await stack.startWorkers({});
    // The API encrypts already, but this worker cannot decrypt.
    const citizen = new Citizen(stack);
    expect((await citizen.withoutRetries().tryRegister()).status).toBe(503);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    await citizen.register();
    expect((await citizen.activateOrReset()).body.journey.outcome).toBe('activated');
  });
});

/** Restarts the citizen's workflow with its snapshot in clear, as before a key was set. */
async function restartInClear(citizenId: string): Promise<void> {
  const [snapshot] = (await decodePayloads(stack.client, await snapshotOf(citizenId, 'continued'))) as [
    Payload,
  ];
  const plain = new Client({
    connection: stack.client.connection,
    namespace: stack.client.options.namespace,
  });
  await plain.workflow.start('citizen', {
    workflowId: citizenWorkflowId(citizenId),
    taskQueue: citizenTaskQueue,
    // Temporal rejects this within a second of the running workflow's start; the client retries.
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    args: [defaultPayloadConverter.fromPayload(snapshot)],
  });
  expect((await snapshotOf(citizenId, 'started')).metadata).not.toHaveProperty('encryption-key-id');
}

/** The snapshot with which the current run started: by a first start, or by continue-as-new. */
async function snapshotOf(citizenId: string, how: 'started' | 'continued'): Promise<Payload> {
  const handle = stack.client.workflow.getHandle(citizenWorkflowId(citizenId));
  const started = await until(
    async () => (await handle.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes,
    (event) => Boolean(event?.continuedExecutionRunId) === (how === 'continued'),
  );
  const payload = started?.input?.payloads?.[0];
  if (!payload) throw new Error('started without an argument');
  return payload;
}
