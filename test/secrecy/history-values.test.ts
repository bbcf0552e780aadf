import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { routes } from '../../api/routes.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { expectStartedJourney, type Journey } from '../actors/journey.ts';
import { requestWithRetry } from '../actors/request.ts';
import { changePassword, newSession, signInSubstantial } from '../actors/sessions.ts';
import type { HttpReply } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { decodePayloads } from './decode-payloads.ts';

let stack: Stack;
let citizen: Citizen;
let reset: Journey;
let values: string[];

/** Every string in a value, also in JSON inside its bytes. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString();
    try {
      return [text, ...stringsIn(JSON.parse(text))];
    } catch {
      return [text];
    }
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

beforeAll(async () => {
  stack = await startStack({ own: true });
  citizen = await activeCitizen(stack);
  const signIn = await signInSubstantial(stack, citizen);
  await signIn.enterOtp(await signIn.otp());
  const token = await newSession(stack, citizen);
  await expectStartedJourney(stack, changePassword(stack, token, goodPassword, 'Graniza-Ahora-9'));
  reset = await citizen.startActivation();
  await reset.otp();
  const found = new Set<string>();
  const query = `WorkflowId="${citizenWorkflowId(citizen.citizenId)}"`;
  for await (const { workflowId, runId } of stack.client.workflow.list({ query })) {
    const { events } = await stack.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const event of events ?? [])
      for (const text of stringsIn(
        await decodePayloads(stack.client, proto.temporal.api.history.v1.HistoryEvent.create(event)),
      ))
        found.add(text);
  }
  // Values that an attacker could send in a header or a field.
  values = [...found].filter((text) => /^[\x21-\x7e]{4,200}$/.test(text));
}, 120_000);
afterAll(() => stack.stop());

const statusesOf = async (ask: (value: string) => Promise<HttpReply>): Promise<number[]> => {
  const statuses = new Set<number>();
  for (let at = 0; at < values.length; at += 8)
    for (const { status } of await Promise.all(values.slice(at, at + 8).map(ask))) statuses.add(status);
  return [...statuses].sort();
};

describe('whatever stands in a history', () => {
  test('is enough to be worth trying: digests, fingerprints, ids of journeys and staged passwords', () => {
    expect(values.length).toBeGreaterThan(60);
    expect(values).toContain(reset.id);
    expect(values.filter((value) => /^[\w-]{43}$/.test(value)).length).toBeGreaterThan(5);
  });

  test('opens no session, journey or office as a token', async () => {
    const { nationalId } = citizen.data;
    const office = routes.find(({ path }) => path === '/citizen-lookups');
    expect(office?.caller).toBe('officer');
    expect(
      await statusesOf((token) => requestWithRetry(stack, 'GET', '/sessions/current', { token })),
    ).toEqual([401]);
    expect(
      await statusesOf((token) => requestWithRetry(stack, 'GET', `/journeys/${reset.id}`, { token })),
    ).toEqual([401]);
    expect(
      await statusesOf((token) =>
        requestWithRetry(stack, 'POST', '/citizen-lookups', { token, body: { nationalId } }),
      ),
    ).toEqual([401]);
  });

  test('is no SMS code and no new password of the journey that it is from, by its id', async () => {
    const enter = (otp: string) =>
      requestWithRetry(stack, 'POST', `/journeys/${reset.id}/otp`, { body: { otp }, token: reset.token });
    expect((await statusesOf(enter)).filter((status) => status < 400)).toEqual([]);
    expect((await reset.read()).body.journey.step).toBe('otp');
  });

  test('is no activation code', async () => {
    const start = (activationCode: string) => citizen.tryStartActivation({ activationCode });
    expect((await statusesOf(start)).filter((status) => status < 400)).toEqual([]);
  });
});
