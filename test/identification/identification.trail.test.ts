import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { wrongOtp } from '../actors/credentials.ts';
import type { Journey } from '../actors/journey.ts';
import { signInSubstantial } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

/** What was refused in a journey, by request: each has a row of `Request`, so that the trail says from where it came. */
const refusalsOf = async ({ id }: Journey) =>
  (
    await queryAsOwner<{ type: string; detail: Record<string, unknown> }>(
      stack,
      `SELECT event.type, event.detail FROM "AuditEvent" event JOIN "Request" request ON request.id = event."requestId"
        WHERE "journeyId" = $1 AND type IN ('otp-refused', 'limit-reached', 'journey-finished') ORDER BY event.at`,
      [id],
    )
  ).map(({ type, detail }) => ({ type, ...detail }));
const past = () => new Date(Date.now() - 1_000);
const update = ({ id }: Journey, data: Record<string, unknown>) =>
  stack.db.prisma.journey.update({ where: { id }, data });
const wrongSoFar = ({ citizenId }: Citizen) =>
  stack.db.prisma.otpCount.count({ where: { citizenId, wrongInPeriod: { gt: 0 } } });
const exhaust = ({ citizenId }: Citizen) =>
  stack.db.prisma.otpCount.create({
    data: {
      citizenId,
      proof: 'password',
      wrongInPeriod: stack.policy.halvedWrongOtps.perPeriod.max,
      periodEndsAt: new Date(Date.now() + 60_000),
      consecutiveWrong: 0,
    },
  });

async function started() {
  const citizen = await activeCitizen(stack);
  const journey = await signInSubstantial(stack, citizen);
  return { citizen, journey, otp: await journey.otp() };
}

describe('a refused SMS code of a sign-in is in the trail with the reason', () => {
  test('if it was wrong, none; if its life was over, that, and it is not counted', async () => {
    const { citizen, journey, otp } = await started();
    await update(journey, { otpExpiresAt: past() });
    // The right code too.
    for (const entry of [otp, wrongOtp(otp)])
      expect(await journey.enterOtp(entry)).toMatchObject({ status: 422, body: { reason: 'expired' } });
    expect(await wrongSoFar(citizen)).toBe(0);
    await update(journey, { otpExpiresAt: new Date(Date.now() + 60_000) });
    expect((await journey.enterOtp(wrongOtp(otp))).status).toBe(422);
    expect(await refusalsOf(journey)).toEqual([
      { type: 'otp-refused', reason: 'expired' },
      { type: 'otp-refused' },
    ]);
  });

  test('if the sign-in had expired, that', async () => {
    const { citizen, journey, otp } = await started();
    await update(journey, { expiresAt: past() });
    expect(await journey.enterOtp(otp)).toMatchObject({
      status: 410,
      body: { journey: { outcome: 'timed-out' } },
    });
    expect(await refusalsOf(journey)).toEqual([{ type: 'otp-refused', reason: 'expired' }]);
    expect(await wrongSoFar(citizen)).toBe(0);
  });

  test('if too many were wrong before, that', async () => {
    const { citizen, journey, otp } = await started();
    await exhaust(citizen);
    expect((await journey.enterOtp(otp)).status).toBe(429);
    expect(await refusalsOf(journey)).toEqual([{ type: 'otp-refused', reason: 'limit' }]);
  });

  test('once, if the same message is repeated', async () => {
    const { journey, otp } = await started();
    await update(journey, { otpExpiresAt: past() });
    const repeat = () => journey.enterOtp(otp, { 'Idempotency-Key': 'one-entry' });
    await repeat();
    await queryAsOwner(stack, 'UPDATE "IdempotentRequest" SET "sealedAnswer" = NULL, status = 503');
    expect((await repeat()).status).toBe(422);
    expect(await refusalsOf(journey)).toHaveLength(1);
  });
});

describe('a code whose guesses are used up, where the process died before it wrote the end', () => {
  test('takes no entry, and instead of another code comes the end, which is in the trail', async () => {
    const { citizen, journey, otp } = await started();
    await update(journey, { otpWrong: stack.policy.otp.tolerated + 1, otpResendAfter: past() });
    expect((await journey.enterOtp(otp)).status).toBe(422);
    expect(await wrongSoFar(citizen)).toBe(0);
    const sent = citizen.otps().length;
    for (let request = 0; request < 2; request += 1)
      expect(await journey.resend()).toMatchObject({
        status: 410,
        body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'too-many-otps' } },
      });
    expect(await refusalsOf(journey)).toEqual([
      { type: 'otp-refused', reason: 'void' },
      { type: 'journey-finished', kind: 'sign-in', outcome: 'too-many-otps' },
    ]);
    expect(citizen.otps()).toHaveLength(sent);
  });
});

describe('another SMS code that is refused with 429 is in the trail once, with the limit:', () => {
  const limits: Readonly<Record<string, (citizen: Citizen, journey: Journey) => Promise<unknown>>> = {
    'otp-pause': async () => {},
    'otp-sends': (_citizen, journey) => update(journey, { otpSends: stack.policy.otp.maxSends }),
    'wrong-otps': async (citizen, journey) => {
      await update(journey, { otpResendAfter: past() });
      await exhaust(citizen);
    },
    texts: async (_citizen, journey) => {
      await update(journey, { otpResendAfter: past() });
      const { allowance } = await stack.db.prisma.text.findUniqueOrThrow({
        where: { id: `${journey.id}/1` },
      });
      const data = { used: stack.policy.smsPerPhone.max };
      await stack.db.prisma.textAllowance.update({ where: { key: allowance ?? '' }, data });
    },
  };
  test.each(Object.entries(limits))('%s', async (limit, reach) => {
    const { citizen, journey } = await started();
    await reach(citizen, journey);
    for (let request = 0; request < 2; request += 1) expect((await journey.resend()).status).toBe(429);
    expect(await refusalsOf(journey)).toEqual([{ type: 'limit-reached', limit, kind: 'sign-in' }]);
  });
});
