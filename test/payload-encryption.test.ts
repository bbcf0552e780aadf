import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { citizenWorkflowId } from '../platform/temporal.ts';
import { otherPassword, Person } from './support/front-end.ts';
import { activePerson, atOffice, signIn, substantial } from './support/signed-in.ts';
import { type Stack, startStack } from './support/stack.ts';

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
    const person = await activePerson(stack);
    const visit = await substantial(stack, person);
    const stored = await asStored(person.citizenId);
    expect(stored.length).toBeGreaterThan(2_000);
    for (const word of [person.citizenId, visit.id, 'json/plain', 'tokenDigest', 'remindersAtMs', 'code 1'])
      expect([word, stored.includes(word)]).toEqual([word, false]);
    const signedIn = await visit.enterOtp(await visit.otp());
    expect(signedIn.body.journey.outcome).toBe('signed-in');
  });

  test('whoever was asleep under an older key wakes under the new one', async () => {
    const person = await activePerson(stack);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    const again = await person.confirmedVisit();
    expect((await again.choosePassword(otherPassword)).body.journey.outcome).toBe('password-set');
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
    expect((await atOffice(stack, '/citizen-lookups', person)).body.status).toBe('active');
  });

  test('whoever was registered in clear goes on encrypted', async () => {
    await stack.stopWorkers();
    await stack.startWorkers({});
    // The API encrypts already, and this worker can't read it: nothing is taken, nothing is lost.
    const person = new Person(stack);
    expect((await person.tryRegister()).status).toBe(503);
    await stack.stopWorkers();
    await stack.startWorkers({ CLAVE_PAYLOAD_KEY: [newer, older] });
    await person.register();
    expect((await person.setPassword()).body.journey.outcome).toBe('activated');
  });
});
