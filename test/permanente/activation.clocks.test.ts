import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import type { Journey } from '../actors/journey.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

// The clocks that a citizen sees, through the API. Their exact edges are proved with time skipped, in test/workflows.
let stack: Stack;
let leftAlone: Journey[];
beforeAll(async () => {
  stack = await startStack({
    own: true,
    policy: { otp: { life: 'PT6S', resendAfter: 'PT1S' }, visitLife: 'PT15S' },
  });
  const citizens = [await new Citizen(stack).register(), await new Citizen(stack).register()] as const;
  leftAlone = [await citizens[0].startActivation(), await citizens[1].confirmedJourney()];
});
afterAll(() => stack.stop());

test('an expired SMS code is refused and not counted, and another one opens', async () => {
  const journey = await (await new Citizen(stack).register()).startActivation();
  const otp = await journey.otp();
  await untilPast(journey.started.otp.expiresAt);
  for (let entry = 0; entry < 5; entry += 1)
    expect(await journey.enterOtp(otp)).toMatchObject({
      status: 422,
      body: { code: 'otp-refused', reason: 'expired', journey: { step: 'otp', otp: { attemptsLeft: 3 } } },
    });
  const refused = await queryAsOwner(
    stack,
    `SELECT detail FROM "AuditEvent" WHERE "journeyId" = $1 AND type = 'otp-refused'`,
    [journey.id],
  );
  expect(refused).toEqual([{ detail: { reason: 'expired' } }]);
  expect((await journey.resend()).status).toBe(202);
  expect(await journey.enterOtp(await journey.otp(2))).toMatchObject({
    status: 200,
    body: { journey: { step: 'password' } },
  });
});

test('an unused journey ends at the instant that its start returned, whatever request follows', async () => {
  expect(leftAlone).toHaveLength(2);
  for (const journey of leftAlone) {
    expect(Date.parse(journey.started.otp.expiresAt)).toBeLessThan(Date.parse(journey.started.expiresAt));
    await untilPast(journey.started.expiresAt);
    const over = await until(
      async () => (await journey.read()).body.journey,
      ({ step }) => step === 'ended',
    );
    expect(over).toMatchObject({ outcome: 'timed-out', expiresAt: journey.started.expiresAt });
    for (const late of [journey.enterOtp('000000'), journey.resend(), journey.setPassword(goodPassword)])
      expect(await late).toMatchObject({ status: 410, body: { code: 'journey-ended', journey: over } });
  }
  expect(await stack.db.prisma.password.count()).toBe(0);
});
