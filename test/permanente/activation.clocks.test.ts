import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { goodPassword, Person, type Visit } from '../actors/front-end.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

// The clocks that a citizen sees, through the API. Their exact edges are proved with time skipped, in test/workflows.
let stack: Stack;
let leftAlone: Visit[];
beforeAll(async () => {
  stack = await startStack({ policy: { otp: { life: 'PT3S', resendAfter: 'PT1S' }, visitLife: 'PT8S' } });
  const people = [await new Person(stack).register(), await new Person(stack).register()] as const;
  leftAlone = [await people[0].visit(), await people[1].confirmedVisit()];
});
afterAll(() => stack.stop());

test('an expired SMS code is refused and not counted, and another one opens', async () => {
  const visit = await (await new Person(stack).register()).visit();
  const otp = await visit.otp();
  await untilPast(visit.begun.otp.expiresAt);
  for (let entry = 0; entry < 5; entry += 1)
    expect(await visit.enterOtp(otp)).toMatchObject({
      status: 422,
      body: { code: 'otp-refused', journey: { step: 'otp', otp: { attemptsLeft: 3 } } },
    });
  expect((await visit.resend()).status).toBe(202);
  expect(await visit.enterOtp(await visit.otp(2))).toMatchObject({
    status: 200,
    body: { journey: { step: 'password' } },
  });
});

test('a journey left alone ends at the instant that was told at its start, whatever is asked of it', async () => {
  expect(leftAlone).toHaveLength(2);
  for (const visit of leftAlone) {
    expect(Date.parse(visit.begun.otp.expiresAt)).toBeLessThan(Date.parse(visit.begun.expiresAt));
    await untilPast(visit.begun.expiresAt);
    const over = await until(
      async () => (await visit.read()).body.journey,
      ({ step }) => step === 'ended',
    );
    expect(over).toMatchObject({ outcome: 'timed-out', expiresAt: visit.begun.expiresAt });
    for (const late of [visit.enterOtp('000000'), visit.resend(), visit.choosePassword(goodPassword)])
      expect(await late).toMatchObject({ status: 410, body: { code: 'journey-ended', journey: over } });
  }
  expect(await stack.db.prisma.password.count()).toBe(0);
});
