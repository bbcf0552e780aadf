import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Fault } from '../../local/phone/faults.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import type { Journey } from '../actors/journey.ts';
import { signInSubstantial } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { runCommand } from '../environment/processes.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ policy: { otp: { resendAfter: 'PT1S' }, textsPerPhone: { tries: 2 } } });
});
afterAll(() => stack.stop());

async function signInWith(citizen: Citizen, ...faults: Fault[]): Promise<Journey> {
  // The notice that the password was set goes by another way: no fault is meant for it.
  await until(
    () => citizen.smsMessages(),
    (texts) => texts.some((text) => text.includes('nueva contraseña')),
  );
  for (const fault of faults) stack.phone.addFault({ to: citizen.data.phone, ...fault });
  return signInSubstantial(stack, citizen);
}
const otpOf = async (journey: Journey) => (await journey.read()).body.journey.otp;
/** The two are read by two statements, so one may be seen before the other. */
const untilDelivery = (journey: Journey, delivery: string, sendsLeft = 2) =>
  until(
    () => otpOf(journey),
    (otp) => otp.delivery === delivery && otp.sendsLeft === sendsLeft,
  );
const rowOf = (journey: Journey, number = 1) =>
  stack.db.prisma.text.findUniqueOrThrow({ where: { id: `${journey.id}/${number}` } });
const trailOf = (journey: Journey) =>
  queryAsOwner<{ type: string; detail: unknown }>(
    stack,
    `SELECT type, detail FROM "AuditEvent" WHERE "journeyId" = $1 AND type LIKE 'otp-%sent' ORDER BY at`,
    [journey.id],
  );

describe('the SMS code of a sign-in that the provider', () => {
  test.each<[string, Fault, { failure: string; attempts: number }]>([
    ['refuses', { status: 400, code: 21_610, times: 1 }, { failure: 'provider-21610', attempts: 1 }],
    ['cannot take, three times', { status: 503, times: 3 }, { failure: 'status-503', attempts: 3 }],
    ['hangs up on, three times', { die: true, times: 3 }, { failure: 'no-answer', attempts: 3 }],
    [
      'does not answer, three times within ten seconds',
      { delayMs: 12_000, die: true, times: 3 },
      { failure: 'no-answer', attempts: 3 },
    ],
    [
      'wants to have later than anybody waits',
      { status: 429, retryAfter: 3_600, times: 1 },
      { failure: 'status-429', attempts: 1 },
    ],
  ])('%s is reported as failed, given back, and replaced when asked for', async (_what, fault, told) => {
    const citizen = await activeCitizen(stack);
    const journey = await signInWith(citizen, fault);
    await untilDelivery(journey, 'failed', 3);
    expect(await rowOf(journey)).toMatchObject({ delivery: 'failed', providerId: null, ...told });
    expect(await trailOf(journey)).toEqual([
      { type: 'otp-not-sent', detail: { number: 1, failure: told.failure } },
    ]);
    const { allowance } = await rowOf(journey);
    expect(await stack.db.prisma.textAllowance.findUnique({ where: { key: allowance ?? '' } })).toMatchObject(
      {
        used: 0,
      },
    );

    await untilPast(journey.started.otp.resendAfter);
    expect(await journey.resend()).toMatchObject({
      status: 202,
      body: { journey: { otp: { sendsLeft: 2 } } },
    });
    expect(await journey.enterOtp(await journey.otp(2))).toMatchObject({
      status: 200,
      body: { journey: { outcome: 'signed-in' } },
    });
  });

  test('wants to have a little later comes then', async () => {
    const journey = await signInWith(await activeCitizen(stack), { status: 429, retryAfter: 2, times: 1 });
    await untilDelivery(journey, 'delivered');
    expect(await rowOf(journey)).toMatchObject({ attempts: 2 });
    expect(await trailOf(journey)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
  });

  test('takes and hangs up on is not sent again if its delivery is reported', async () => {
    const citizen = await activeCitizen(stack);
    const before = citizen.otps().length;
    const journey = await signInWith(citizen, { acceptAndDie: true, times: 1 });
    await untilDelivery(journey, 'delivered');
    expect(citizen.otps()).toHaveLength(before + 1);
    await until(
      () => trailOf(journey),
      (trail) => trail.length > 0,
    );
    expect(await trailOf(journey)).toEqual([{ type: 'otp-sent', detail: { number: 1 } }]);
  });

  test('takes and hangs up on is sent a second time otherwise, the very same code, and both are counted', async () => {
    const citizen = await activeCitizen(stack);
    const before = citizen.otps().length;
    const journey = await signInWith(citizen, { acceptAndDie: true, silent: true, times: 1 });
    await untilDelivery(journey, 'delivered');
    const otp = await journey.otp();
    expect(citizen.otps().slice(before)).toEqual([otp, otp]);
    expect(await rowOf(journey)).toMatchObject({ attempts: 2 });
    expect((await journey.enterOtp(otp)).status).toBe(200);
  });

  test('would send to a country that is not allowed, no longer perhaps, costs no call', async () => {
    const citizen = await activeCitizen(stack);
    await until(
      () => citizen.smsMessages(),
      (texts) => texts.some((text) => text.includes('nueva contraseña')),
    );
    const phone = '+33612345678';
    await stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data: { phone } });
    const journey = await signInSubstantial(stack, citizen);
    await untilDelivery(journey, 'failed', 3);
    expect(await rowOf(journey)).toMatchObject({ attempts: 0, failure: 'country-not-allowed' });
    expect(stack.phone.messages().filter(({ to }) => to === phone)).toEqual([]);
  });
});

describe('another code of a sign-in', () => {
  test('is sent after the pause, voids the first, keeps the guesses, and the third start finds the allowance used up', async () => {
    const citizen = await activeCitizen(stack);
    const journey = await signInWith(citizen);
    const first = await journey.otp();
    expect((await journey.resend()).status).toBe(429);
    expect((await journey.enterOtp('000000')).body.journey.otp.attemptsLeft).toBe(2);
    await untilPast(journey.started.otp.resendAfter);
    expect(await journey.resend()).toMatchObject({
      status: 202,
      body: { journey: { otp: { attemptsLeft: 2, sendsLeft: 1, delivery: 'pending' } } },
    });
    const second = await journey.otp(2);
    expect(await journey.enterOtp(first)).toMatchObject({
      status: 422,
      body: { journey: { otp: { attemptsLeft: 1 } } },
    });
    expect((await journey.enterOtp(second)).body.journey.outcome).toBe('signed-in');
    // Two a day to this phone.
    await expect(signInSubstantial(stack, citizen)).rejects.toThrow('too-many-requests');
    const refused = await queryAsOwner<{ detail: unknown }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'sign-in-refused'`,
      [citizen.citizenId],
    );
    expect(refused).toEqual([{ detail: { reason: 'texts-used-up' } }]);
  });
});

test('an operator lists the sign-ins under way, and whether their code has arrived', async () => {
  const citizen = await activeCitizen(stack);
  const journey = await signInWith(citizen);
  await untilDelivery(journey, 'delivered');
  const printed = async () => (await runCommand(stack, {}, 'operations/audit.ts', ['--open'])).said;
  const row = `sign-in +citizen=${citizen.citizenId}  journey=${journey.id}  wrong=0  sends=1  delivery=delivered`;
  expect(await printed()).toMatch(new RegExp(row));
  await journey.enterOtp(await journey.otp());
  expect(await printed()).not.toContain(journey.id);
});
