import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { citizenStatusAttribute } from '../../domain/search-attributes.ts';
import { citizenWorkflowId } from '../../platform/temporal.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { lookUp, regenerateActivationCode, suspend } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import {
  changePassword,
  countSmsMessages,
  currentSession,
  newSession,
  signIn,
  unsubscribe,
} from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const leave = async (citizen: Citizen) => {
  const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
  return { journey, done: await journey.enterOtp(await journey.otp()) };
};
const workflowOf = async ({ citizenId }: Citizen) => {
  const { status, typedSearchAttributes } = await stack.client.workflow
    .getHandle(citizenWorkflowId(citizenId))
    .describe();
  return { status: status.name, shown: typedSearchAttributes.get(citizenStatusAttribute) };
};
const untilUnsubscribed = (citizen: Citizen) =>
  until(
    () => workflowOf(citizen),
    ({ shown }) => shown === 'unsubscribed',
  );

describe('a citizen who unsubscribes', () => {
  test('leaves no password and no session, and gets an SMS message; the workflow goes on without a timer', async () => {
    const citizen = await activeCitizen(stack);
    const { citizenId } = citizen;
    const token = await newSession(stack, citizen);
    // A change that was begun leaves its new password behind as little.
    await changePassword(stack, token, goodPassword, otherPassword);
    const { journey, done } = await leave(citizen);
    expect(journey.started).toMatchObject({ kind: 'unsubscription', step: 'otp' });
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'unsubscribed' } },
    });
    for (const rows of [
      stack.db.prisma.password.count({ where: { citizenId } }),
      stack.db.prisma.stagedPassword.count({ where: { citizenId } }),
      stack.db.prisma.session.count({ where: { citizenId } }),
    ])
      expect(await rows).toBe(0);
    expect((await currentSession(stack, token)).status).toBe(401);
    expect(await untilUnsubscribed(citizen)).toMatchObject({ status: 'RUNNING' });
    const opening = await until(
      () => stack.client.workflow.getHandle(citizenWorkflowId(citizenId)).fetchHistory(),
      ({ events }) => Boolean(events?.at(-1)?.workflowTaskCompletedEventAttributes),
    );
    expect(opening.events).toHaveLength(4);
    // The notice is a workflow of its own.
    await until(
      () => countSmsMessages(citizen, 'ha causado baja'),
      (count) => count === 1,
    );
    expect(await auditTypesOf(stack, citizenId)).toContain('citizen-unsubscribed');
    expect((await journey.read()).body.journey).toMatchObject({ step: 'done', outcome: 'unsubscribed' });
    expect((await journey.enterOtp('000000')).status).toBe(410);
  });

  test('must confirm it by SMS: wrong codes change nothing', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, token));
    const wrong = wrongOtp(await journey.otp());
    for (let entry = 0; entry < 4; entry += 1) await journey.enterOtp(wrong);
    expect((await journey.read()).body.journey.outcome).toBe('too-many-otps');
    expect((await currentSession(stack, token)).status).toBe(200);
  });

  test('does not leave once the session has signed out', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, token));
    const otp = await journey.otp();
    await requestWithRetry(stack, 'DELETE', '/sessions/current', { token });
    expect(await journey.enterOtp(otp)).toMatchObject({
      status: 410,
      body: { journey: { outcome: 'superseded' } },
    });
    expect((await signIn(stack, citizen)).status).toBe(201);
  });

  test('is answered as an unknown id is, to the sixth wrong entry and after', async () => {
    const citizen = await activeCitizen(stack);
    await leave(citizen);
    await untilUnsubscribed(citizen);
    const stranger = newPersonalData();
    expect(await signIn(stack, citizen)).toMatchObject({ status: 401, body: { code: 'sign-in-refused' } });
    const entries = async ({ nationalId, email }: { nationalId: string; email: string }) => {
      const answers = [];
      for (let entry = 0; entry < 7; entry += 1) {
        const body = { nationalId, email, activationCode: citizen.activationCode };
        const reply = await requestWithRetry(stack, 'POST', '/activations', { body });
        answers.push([reply.status, reply.body.code]);
      }
      return answers;
    };
    const theirs = await entries(citizen.data);
    expect(theirs).toEqual(await entries(stranger));
    expect(theirs[0]).toEqual([422, 'activation-data-refused']);
    expect(theirs[6]).toEqual([423, 'activation-code-blocked']);
  });

  test('is still known to the office, which can issue no code without a new act', async () => {
    const citizen = await activeCitizen(stack);
    await leave(citizen);
    await untilUnsubscribed(citizen);
    expect(await lookUp(stack, citizen)).toMatchObject({
      status: 200,
      body: { citizenId: citizen.citizenId, status: 'unsubscribed', blocked: [] },
    });
    expect(await regenerateActivationCode(stack, citizen)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect(await suspend(stack, citizen)).toMatchObject({ status: 404 });
  });

  test('comes back by a new act, as one who activates, in the same workflow, even with the old password', async () => {
    const citizen = await activeCitizen(stack);
    const { citizenId } = citizen;
    await leave(citizen);
    await untilUnsubscribed(citizen);
    await citizen.register();
    expect(citizen.citizenId).toBe(citizenId);
    expect(await workflowOf(citizen)).toEqual({ status: 'RUNNING', shown: 'registered' });
    expect((await signIn(stack, citizen)).status).toBe(401);
    const journey = await citizen.startActivation();
    expect(journey.started.kind).toBe('activation');
    await journey.enterOtp(await journey.otp());
    expect((await journey.setPassword(goodPassword)).body.journey.outcome).toBe('activated');
    expect((await signIn(stack, citizen)).status).toBe(201);
  });

  test('can register again while the closing journey is still under way', async () => {
    const citizen = await activeCitizen(stack);
    await leave(citizen);
    await citizen.register();
    expect((await lookUp(stack, citizen)).body.status).toBe('registered');
    await citizen.activateOrReset(otherPassword);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('frees the phone for another citizen', async () => {
    const citizen = await activeCitizen(stack);
    await leave(citizen);
    const heir = await new Citizen(stack, { phone: citizen.data.phone }).register();
    expect((await heir.activateOrReset()).status).toBe(200);
  });
});
