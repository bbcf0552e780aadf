import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongOtp, wrongPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { requestWithRetry } from '../actors/request.ts';
import {
  blockPassword,
  changePassword,
  countSmsMessages,
  currentSession,
  newSession,
  signIn,
} from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  // Three codes of a change bear more wrong entries than a day allows.
  stack = await startStack({ policy: { otpPerCitizen: { tries: 40, per: 'P1D' } } });
});
afterAll(() => stack.stop());

const signedIn = async () => {
  const citizen = await activeCitizen(stack);
  return { citizen, token: await newSession(stack, citizen) };
};
const change = (token: string, newPassword = otherPassword) =>
  expectStartedJourney(stack, changePassword(stack, token, goodPassword, newPassword));
const passwordOf = ({ citizenId }: Citizen) =>
  stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
const superseded = {
  status: 410,
  body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
};

describe('a change of password', () => {
  test('needs an SMS code; until then the old one works, afterwards only the new one, for two years more', async () => {
    const { citizen, token } = await signedIn();
    const other = await newSession(stack, citizen);
    const before = await passwordOf(citizen);
    const journey = await change(token);
    expect(journey.started).toMatchObject({
      kind: 'password-change',
      step: 'otp',
      otp: { attemptsLeft: 5, sentTo: `•••••${citizen.data.phone.slice(-4)}` },
    });
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(401);

    const done = await journey.enterOtp(await journey.otp());
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'password-set' } },
    });
    const expiresAt = new Date(done.body.journey.passwordExpiresAt);
    expect(expiresAt.getTime()).toBeGreaterThan(before.expiresAt.getTime());
    const twoYears = new Date();
    twoYears.setUTCFullYear(twoYears.getUTCFullYear() + 2);
    expect(Math.abs(expiresAt.getTime() - twoYears.getTime())).toBeLessThan(60_000);
    expect((await passwordOf(citizen)).expiresAt).toEqual(expiresAt);

    expect(await currentSession(stack, token)).toMatchObject({
      status: 200,
      body: { citizen: { passwordExpiresAt: expiresAt.toISOString() } },
    });
    expect((await currentSession(stack, other)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('password-set');
    await until(
      () => countSmsMessages(citizen, 'se ha puesto una nueva contraseña'),
      (notices) => notices === 2,
    );
    expect(await stack.db.prisma.stagedPassword.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
  });

  test('cannot be asked for without a session', async () => {
    expect(await changePassword(stack, 'nobody', goodPassword, otherPassword)).toMatchObject({
      status: 401,
      body: { code: 'not-authenticated' },
    });
  });

  test('is refused with a wrong current password, which counts as a failed sign-in; a right one sets the count back', async () => {
    const { citizen, token } = await signedIn();
    for (let failure = 1; failure <= 5; failure += 1) {
      expect(await changePassword(stack, token, wrongPassword, otherPassword)).toMatchObject({
        status: 422,
        body: { code: 'current-password-refused' },
      });
      expect((await passwordOf(citizen)).failuresInARow).toBe(failure);
    }
    await change(token);
    expect((await passwordOf(citizen)).failuresInARow).toBe(0);
    expect(
      await stack.db.prisma.journey.count({
        where: { kind: 'password-change', citizenId: citizen.citizenId },
      }),
    ).toBe(1);
  });

  test('six wrong ones block the password and end the session', async () => {
    const { citizen, token } = await signedIn();
    for (let failure = 0; failure < 6; failure += 1)
      expect((await changePassword(stack, token, wrongPassword, otherPassword)).status).toBe(422);
    expect((await passwordOf(citizen)).blockedAt).not.toBeNull();
    expect((await changePassword(stack, token, goodPassword, otherPassword)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
  });

  test('is refused with every rule that the new password breaks, and begins nothing', async () => {
    const { citizen, token } = await signedIn();
    const { citizenId } = citizen;
    for (const [password, codes] of [
      [goodPassword, ['same-as-previous']],
      [goodPassword.normalize('NFD'), ['same-as-previous']],
      ['De-Begona-1977', ['contains-name']],
      ['corta', ['too-short', 'needs-upper-case', 'needs-digit', 'needs-special']],
      [`Mi-Dni-${citizen.data.nationalId.slice(0, 8)}`, ['contains-id']],
      ['Password-1', ['too-common']],
    ] as const)
      expect(await changePassword(stack, token, goodPassword, password)).toMatchObject({
        status: 422,
        body: { code: 'password-refused', errors: codes.map((code) => ({ code })) },
      });
    expect(await stack.db.prisma.stagedPassword.count({ where: { citizenId } })).toBe(0);
    expect(await stack.db.prisma.journey.count({ where: { citizenId, kind: 'password-change' } })).toBe(0);
  });

  test('does not take its last step twice', async () => {
    const { token } = await signedIn();
    const journey = await change(token);
    const otp = await journey.otp();
    const headers = { 'Idempotency-Key': 'last' };
    const [one, two] = [await journey.enterOtp(otp, headers), await journey.enterOtp(otp, headers)];
    expect([one.status, two.status, two.body]).toEqual([200, 200, one.body]);
    expect((await journey.enterOtp(otp)).status).toBe(410);
    expect((await journey.setPassword('Otra-Distinta7')).status).toBe(410);
  });
});

describe('the SMS codes of a change', () => {
  test('bear five wrong entries each; a sixth brings the next by itself, and after three codes it is over', async () => {
    const { citizen, token } = await signedIn();
    const journey = await change(token);
    for (const number of [1, 2, 3]) {
      const wrong = wrongOtp(await journey.otp(number));
      for (const attemptsLeft of [4, 3, 2, 1, 0])
        expect(await journey.enterOtp(wrong)).toMatchObject({
          status: 422,
          body: { code: 'otp-refused', journey: { step: 'otp', otp: { attemptsLeft } } },
        });
      expect(await journey.enterOtp(wrong)).toMatchObject({
        status: 422,
        body: {
          code: 'otp-refused',
          journey:
            number < 3
              ? { step: 'otp', otp: { attemptsLeft: 5, sendsLeft: 2 - number } }
              : { step: 'ended', outcome: 'too-many-otps' },
        },
      });
    }
    expect((await journey.enterOtp(await journey.otp(3))).status).toBe(410);
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect((await currentSession(stack, token)).status).toBe(200);
  });

  test('that are void open nothing, and the one that came by itself does', async () => {
    const { citizen, token } = await signedIn();
    const journey = await change(token);
    const first = await journey.otp();
    for (let entry = 0; entry < 6; entry += 1) await journey.enterOtp(wrongOtp(first));
    const second = await journey.otp(2);
    expect(await journey.enterOtp(first)).toMatchObject({
      status: 422,
      body: { journey: { otp: { attemptsLeft: 4 } } },
    });
    expect((await journey.enterOtp(second)).status).toBe(200);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });

  test('eight wrong entries at once are counted one by one: a second code is sent, and no third', async () => {
    const { token } = await signedIn();
    const journey = await change(token);
    const wrong = wrongOtp(await journey.otp());
    const replies = await Promise.all(Array.from({ length: 8 }, () => journey.enterOtp(wrong)));
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(422));
    const read = (await journey.read()).body.journey;
    expect(read).toMatchObject({ step: 'otp', otp: { sendsLeft: 1 } });
    expect(read.otp.attemptsLeft).toBeGreaterThanOrEqual(3);
    expect((await journey.enterOtp(await journey.otp(2))).status).toBe(200);
  });
});

describe('a change under way ends superseded', () => {
  test('if its session has signed out', async () => {
    const { citizen, token } = await signedIn();
    const journey = await change(token);
    const otp = await journey.otp();
    await requestWithRetry(stack, 'DELETE', '/sessions/current', { token });
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect(await journey.read()).toMatchObject({ body: { journey: { outcome: 'superseded' } } });
    expect((await signIn(stack, citizen)).status).toBe(201);
    // Nor is the new password kept that came to nothing.
    await until(
      () => stack.db.prisma.stagedPassword.count({ where: { citizenId: citizen.citizenId } }),
      (staged) => staged === 0,
    );
  });

  test('if the password has been reset', async () => {
    const { citizen, token } = await signedIn();
    const journey = await change(token);
    const otp = await journey.otp();
    await citizen.activateOrReset('Hoy-hace-sol-3!');
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(401);
    expect((await signIn(stack, citizen, 'Hoy-hace-sol-3!')).status).toBe(201);
  });

  test('if the password has been blocked', async () => {
    const { citizen, token } = await signedIn();
    const journey = await change(token);
    const otp = await journey.otp();
    await blockPassword(stack, citizen);
    expect(await journey.enterOtp(otp)).toMatchObject(superseded);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(401);
  });

  test('if another change has been begun', async () => {
    const { citizen, token } = await signedIn();
    const first = await change(token);
    const otp = await first.otp();
    const second = await change(token, 'Hoy-hace-sol-3!');
    expect(await first.enterOtp(otp)).toMatchObject(superseded);
    expect((await second.enterOtp(await second.otp())).status).toBe(200);
    expect((await signIn(stack, citizen, 'Hoy-hace-sol-3!')).status).toBe(201);
  });
});
