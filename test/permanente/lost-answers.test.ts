import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { activeCitizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { changePassword, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/**
 * Loses the first answer to each update while `work` goes on: the SDK sends the update again after it was carried out,
 * when the run has continued as new.
 */
async function whileAnswersAreLost<Result>(work: () => Promise<Result>): Promise<Result> {
  const losing: WorkflowClientInterceptor = {
    async startUpdate(input, next) {
      const { workflowId } = input.workflowExecution;
      const runOf = async () => (await stack.client.workflow.getHandle(workflowId).describe()).runId;
      const before = await runOf();
      await next(input);
      await until(runOf, (runId) => runId !== before);
      return next(input);
    },
  };
  const { interceptors } = stack.client.workflow.options;
  if (!Array.isArray(interceptors)) throw new Error('the SDK keeps its interceptors otherwise');
  interceptors.push(losing);
  try {
    return await work();
  } finally {
    interceptors.pop();
  }
}

describe('the outcome that Temporal has recorded is returned, although its answer was lost and the request reached another run', () => {
  test('of a change: the password that is in force', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const journey = await expectStartedJourney(
      stack,
      changePassword(stack, token, goodPassword, otherPassword),
    );
    const otp = await journey.otp();
    const { status, body } = await whileAnswersAreLost(() => journey.enterOtp(otp));
    expect([status, body.journey.outcome]).toEqual([200, 'password-set']);
    expect(body.journey.passwordExpiresAt).toBeDefined();
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('of a reset: the password that is in force', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await citizen.confirmedJourney();
    const { status, body } = await whileAnswersAreLost(() => journey.setPassword(otherPassword));
    expect([status, body.journey.outcome]).toEqual([200, 'password-set']);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('of a last wrong SMS code: that it was refused, and that it was the last', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
    const wrong = wrongOtp(await journey.otp());
    for (let entry = 0; entry < 3; entry += 1) await journey.enterOtp(wrong);
    const { status, body } = await whileAnswersAreLost(() => journey.enterOtp(wrong));
    expect([status, body.code, body.journey.outcome]).toEqual([422, 'otp-refused', 'too-many-otps']);
  });

  test('to another message than that which ended the journey, only that it is over', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await expectStartedJourney(stack, unsubscribe(stack, await newSession(stack, citizen)));
    const otp = await journey.otp();
    await journey.enterOtp(otp);
    expect((await journey.enterOtp(otp)).status).toBe(410);
  });
});
