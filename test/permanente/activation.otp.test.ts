import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, wrongCode, wrongOtp } from '../actors/credentials.ts';
import { lookUp } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { rowCounts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until, untilPast } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true, policy: { otp: { resendAfter: 'PT3S' } } });
});
afterAll(() => stack.stop());

const citizenWithJourney = async () => {
  const citizen = await new Citizen(stack).register();
  return { citizen, journey: await citizen.startActivation() };
};
const ended = (outcome: string) => ({
  status: 410,
  body: { code: 'journey-ended', journey: { step: 'ended', outcome } },
});
const retryAfter = (headers: Headers): number => Number(headers.get('Retry-After'));

describe('a wrong SMS code', () => {
  test('is tolerated three times, with the attempts left; the fourth ends the journey, for the right one too', async () => {
    const { journey } = await citizenWithJourney();
    const otp = await journey.otp();
    expect(journey.started.otp.attemptsLeft).toBe(3);
    for (const attemptsLeft of [2, 1, 0])
      expect(await journey.enterOtp(wrongOtp(otp))).toMatchObject({
        status: 422,
        body: {
          code: 'otp-refused',
          reason: 'wrong',
          journey: { step: 'otp', outcome: null, otp: { attemptsLeft } },
        },
      });
    const last = await journey.enterOtp(wrongOtp(otp));
    expect(last).toMatchObject({
      status: 422,
      body: { code: 'otp-refused', journey: { step: 'ended', outcome: 'too-many-otps' } },
    });
    expect(last.body.journey).not.toHaveProperty('otp');
    for (const late of [journey.enterOtp(otp), journey.resend(), journey.setPassword(goodPassword)])
      expect(await late).toMatchObject(ended('too-many-otps'));
    expect(await journey.read()).toMatchObject({ status: 200, body: { journey: last.body.journey } });
  });

  test('opens nothing with the code of another citizen’s journey, or of an earlier one', async () => {
    const [one, other] = [await citizenWithJourney(), await citizenWithJourney()];
    const theirs = await other.journey.otp();
    expect(await one.journey.enterOtp(theirs)).toMatchObject({ status: 422, body: { code: 'otp-refused' } });

    const earlier = await one.journey.otp();
    const journey = await one.citizen.startActivation();
    expect(await journey.otp()).not.toBe(earlier);
    expect(await journey.enterOtp(earlier)).toMatchObject({ status: 422, body: { code: 'otp-refused' } });
  });
});

describe('another SMS code', () => {
  test.concurrent('is sent when it is due and not before; the first is void, the guesses used stay used', async () => {
    const { citizen, journey } = await citizenWithJourney();
    const early = await journey.resend();
    expect(early).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(retryAfter(early.headers)).toBeGreaterThanOrEqual(1);
    expect(retryAfter(early.headers)).toBeLessThanOrEqual(3);
    const first = await journey.otp();
    await journey.enterOtp(wrongOtp(first));
    expect(citizen.otps()).toHaveLength(1);

    await untilPast(journey.started.otp.resendAfter);
    const again = await journey.resend();
    expect(again).toMatchObject({
      status: 202,
      body: { journey: { step: 'otp', otp: { attemptsLeft: 2, sendsLeft: 1, delivery: 'pending' } } },
    });
    expect(again.body.journey.expiresAt).toBe(journey.started.expiresAt);
    const second = await journey.otp(2);
    expect(await journey.enterOtp(first)).toMatchObject({
      status: 422,
      body: { journey: { otp: { attemptsLeft: 1 } } },
    });

    // The last one there is.
    await untilPast(again.body.journey.otp.resendAfter);
    expect(await journey.resend()).toMatchObject({
      status: 202,
      body: { journey: { otp: { sendsLeft: 0 } } },
    });
    const none = await journey.resend();
    expect(none.status).toBe(429);
    const secondsLeft = (Date.parse(journey.started.expiresAt) - Date.now()) / 1_000;
    expect(Math.abs(retryAfter(none.headers) - secondsLeft)).toBeLessThan(5);
    expect(await journey.enterOtp(second)).toMatchObject({
      status: 422,
      body: { journey: { otp: { attemptsLeft: 0 } } },
    });
    expect(await journey.enterOtp(await journey.otp(3))).toMatchObject({
      status: 200,
      body: { journey: { step: 'password' } },
    });
    expect(citizen.otps()).toHaveLength(3);
  });

  test.concurrent('can be sent after one that the provider refused, which is reported and does not count', async () => {
    const citizen = await new Citizen(stack).register();
    await until(
      () => citizen.smsMessages().length,
      (welcome) => welcome === 1,
    );
    stack.phone.addFault({ to: citizen.data.phone, status: 400, code: 21_610, times: 1 });
    const journey = await citizen.startActivation();
    const failed = await until(
      async () => (await journey.read()).body.journey,
      ({ otp }) => otp.delivery !== 'pending',
    );
    expect(failed).toMatchObject({
      step: 'otp',
      outcome: null,
      otp: { attemptsLeft: 3, sendsLeft: 3, delivery: 'failed' },
    });

    await untilPast(failed.otp.resendAfter);
    expect(await journey.resend()).toMatchObject({
      status: 202,
      body: { journey: { otp: { sendsLeft: 2 } } },
    });
    const otp = await journey.otp(2);
    await until(
      async () => (await journey.read()).body.journey,
      (journey) => journey.otp.delivery === 'delivered' && journey.otp.sendsLeft === 2,
    );
    expect(await journey.enterOtp(otp)).toMatchObject({ status: 200 });
  });
});

describe('the texts of a phone', () => {
  test('are ten a day: the eleventh start is answered 429, and the provider gets no request', async () => {
    const citizen = await new Citizen(stack).register();
    for (let start = 0; start < 9; start += 1) await citizen.startActivation();
    const tenth = await citizen.startActivation();
    await until(
      () => citizen.otps().length,
      (codes) => codes === 10,
    );
    const refused = await citizen.tryStartActivation();
    expect(refused).toMatchObject({ status: 429, body: { code: 'too-many-requests' } });
    expect(retryAfter(refused.headers)).toBeGreaterThan(80_000);
    const { texts } = {
      texts: await stack.db.prisma.text.count({
        where: { citizenId: citizen.citizenId, number: { not: null } },
      }),
    };
    expect(texts).toBe(10);
    expect(citizen.otps()).toHaveLength(10);
    // The last journey that was begun goes on.
    expect((await lookUp(stack, citizen)).body.status).toBe('registered');

    // A caller without the code gets no hint of the limit, and the journey that the tenth start began goes on.
    expect(await citizen.tryStartActivation({ activationCode: wrongCode })).toMatchObject({ status: 422 });
    expect((await tenth.enterOtp(await tenth.otp())).status).toBe(200);
  });

  test('are counted by phone: a citizen who registers another phone gets SMS there', async () => {
    const citizen = await new Citizen(stack).register();
    for (let start = 0; start < 10; start += 1) await citizen.startActivation();
    expect((await citizen.tryStartActivation()).status).toBe(429);
    await citizen.register({ phone: newPersonalData().phone });
    expect((await citizen.tryStartActivation()).status).toBe(201);
  });
});

describe('a journey takes its steps in order', () => {
  test('a password before the SMS code is out of step: nothing is hashed, staged or set', async () => {
    const { journey } = await citizenWithJourney();
    await journey.otp();
    const hashed = stack.hashed();
    const before = await rowCounts(stack);
    // Without a key: the key of a request leaves a row of its own.
    const early = await journey.withoutRetries().setPassword(goodPassword);
    expect(early).toMatchObject({
      status: 409,
      body: { code: 'step-not-expected', journey: { id: journey.id, step: 'otp' } },
    });
    expect(stack.hashed()).toBe(hashed);
    expect(await rowCounts(stack)).toEqual({ ...before, Request: (before['Request'] ?? 0) + 1 });
  });

  test('a second SMS code, or another asked for, after the right one is out of step', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    const atPassword = { status: 409, body: { code: 'step-not-expected', journey: { step: 'password' } } };
    expect(await journey.enterOtp(await journey.otp())).toMatchObject(atPassword);
    expect(await journey.resend()).toMatchObject(atPassword);
    expect(citizen.otps()).toHaveLength(1);
  });

  test('a finished one takes nothing more and can still be read', async () => {
    const citizen = await new Citizen(stack).register();
    const journey = await citizen.confirmedJourney();
    const otp = await journey.otp();
    const finished = (await journey.setPassword(goodPassword)).body.journey;
    const hashed = stack.hashed();
    for (const late of [journey.enterOtp(otp), journey.resend(), journey.setPassword('Truena_Mucho9')])
      expect(await late).toMatchObject({ status: 410, body: { code: 'journey-ended', journey: finished } });
    expect(stack.hashed()).toBe(hashed);
    expect(await journey.read()).toMatchObject({ status: 200, body: { journey: finished } });
  });

  test('a later start supersedes the earlier journey, and no request to the earlier affects the later', async () => {
    const { citizen, journey: earlier } = await citizenWithJourney();
    const otp = await earlier.otp();
    const later = await citizen.startActivation();
    for (const late of [earlier.enterOtp(otp), earlier.resend(), earlier.setPassword(goodPassword)])
      expect(await late).toMatchObject(ended('superseded'));
    expect((await earlier.read()).body.journey).toMatchObject({
      id: earlier.id,
      step: 'ended',
      outcome: 'superseded',
    });
    expect((await later.read()).body.journey.otp.attemptsLeft).toBe(3);
    expect((await later.enterOtp(await later.otp())).status).toBe(200);
  });
});

describe('a journey’s token', () => {
  test('opens its own journey and no other; no token, or one that was never issued, opens nothing', async () => {
    const [one, other] = [await citizenWithJourney(), await citizenWithJourney()];
    const asks = [
      { method: 'GET', path: '' },
      { method: 'POST', path: '/otp', body: { otp: await one.journey.otp() } },
      { method: 'POST', path: '/otp/resend' },
      { method: 'POST', path: '/password', body: { password: goodPassword } },
    ];
    for (const { method, path, body } of asks) {
      const as = (token: string | undefined, id = one.journey.id) =>
        requestWithRetry(stack, method, `/journeys/${id}${path}`, { ...(body && { body }), token });
      expect(await as(other.journey.token)).toMatchObject({ status: 404, body: { code: 'not-found' } });
      expect(await as(one.journey.token, 'AAAAAAAAAAAAAAAAAAAAAA')).toMatchObject({ status: 404 });
      for (const stranger of [undefined, 'x'.repeat(43), stack.officeKey]) {
        const refused = await as(stranger);
        expect(refused).toMatchObject({ status: 401, body: { code: 'not-authenticated' } });
        expect(refused.headers.get('WWW-Authenticate')).toBe('Bearer');
      }
    }
    expect((await one.journey.read()).body.journey).toMatchObject({ step: 'otp', otp: { attemptsLeft: 3 } });
  });
});
