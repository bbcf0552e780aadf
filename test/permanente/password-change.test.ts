import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, goodPassword, otherPassword, type Person, wrongOtp } from '../actors/front-end.ts';
import {
  activePerson,
  blockPassword,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  textsSaying,
  whoAmI,
  wrongPassword,
} from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const signedIn = async () => {
  const person = await activePerson(stack);
  return { person, token: await sessionOf(stack, person) };
};
const change = (token: string, newPassword = otherPassword) =>
  journeyOf(stack, changePassword(stack, token, goodPassword, newPassword));
const passwordOf = ({ citizenId }: Person) =>
  stack.db.prisma.password.findUniqueOrThrow({ where: { citizenId } });
const superseded = {
  status: 410,
  body: { code: 'journey-ended', journey: { step: 'ended', outcome: 'superseded' } },
};

describe('a change of password', () => {
  test('needs an SMS code; until then the old one works, afterwards only the new one, for two years more', async () => {
    const { person, token } = await signedIn();
    const other = await sessionOf(stack, person);
    const before = await passwordOf(person);
    const visit = await change(token);
    expect(visit.begun).toMatchObject({
      kind: 'password-change',
      step: 'otp',
      otp: { attemptsLeft: 5, sentTo: `•••••${person.data.phone.slice(-4)}` },
    });
    expect((await signIn(stack, person)).status).toBe(201);
    expect((await signIn(stack, person, otherPassword)).status).toBe(401);

    const done = await visit.enterOtp(await visit.otp());
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { step: 'done', outcome: 'password-set' } },
    });
    const expiresAt = new Date(done.body.journey.passwordExpiresAt);
    expect(expiresAt.getTime()).toBeGreaterThan(before.expiresAt.getTime());
    const twoYears = new Date();
    twoYears.setUTCFullYear(twoYears.getUTCFullYear() + 2);
    expect(Math.abs(expiresAt.getTime() - twoYears.getTime())).toBeLessThan(60_000);
    expect((await passwordOf(person)).expiresAt).toEqual(expiresAt);

    expect(await whoAmI(stack, token)).toMatchObject({
      status: 200,
      body: { citizen: { passwordExpiresAt: expiresAt.toISOString() } },
    });
    expect((await whoAmI(stack, other)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
    expect(await auditTypesOf(stack, person.citizenId)).toContain('password-set');
    await until(
      () => textsSaying(person, 'se ha puesto una nueva contraseña'),
      (notices) => notices === 2,
    );
    expect(await stack.db.prisma.stagedPassword.count({ where: { citizenId: person.citizenId } })).toBe(0);
  });

  test('cannot be asked for without a session', async () => {
    expect(await changePassword(stack, 'nobody', goodPassword, otherPassword)).toMatchObject({
      status: 401,
      body: { code: 'not-authenticated' },
    });
  });

  test('is refused with a wrong current password, which counts as a failed sign-in; a right one sets the count back', async () => {
    const { person, token } = await signedIn();
    for (let failure = 1; failure <= 5; failure += 1) {
      expect(await changePassword(stack, token, wrongPassword, otherPassword)).toMatchObject({
        status: 422,
        body: { code: 'current-password-refused' },
      });
      expect((await passwordOf(person)).failuresInARow).toBe(failure);
    }
    await change(token);
    expect((await passwordOf(person)).failuresInARow).toBe(0);
    expect(
      await stack.db.prisma.journey.count({
        where: { kind: 'password-change', citizenId: person.citizenId },
      }),
    ).toBe(1);
  });

  test('six wrong ones block the password and end the session', async () => {
    const { person, token } = await signedIn();
    for (let failure = 0; failure < 6; failure += 1)
      expect((await changePassword(stack, token, wrongPassword, otherPassword)).status).toBe(422);
    expect((await passwordOf(person)).blockedAt).not.toBeNull();
    expect((await changePassword(stack, token, goodPassword, otherPassword)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
  });

  test('is refused with every rule that the new password breaks, and begins nothing', async () => {
    const { person, token } = await signedIn();
    const { citizenId } = person;
    for (const [password, codes] of [
      [goodPassword, ['same-as-previous']],
      [goodPassword.normalize('NFD'), ['same-as-previous']],
      ['De-Begona-1977', ['contains-name']],
      ['corta', ['too-short', 'needs-upper-case', 'needs-digit', 'needs-special']],
      [`Mi-Dni-${person.data.nationalId.slice(0, 8)}`, ['contains-id']],
      ['Password-1', ['too-common']],
    ] as const)
      expect(await changePassword(stack, token, goodPassword, password)).toMatchObject({
        status: 422,
        body: { code: 'password-refused', errors: codes.map((code) => ({ code })) },
      });
    expect(await stack.db.prisma.stagedPassword.count({ where: { citizenId } })).toBe(0);
    expect(await stack.db.prisma.journey.count({ where: { citizenId, kind: 'password-change' } })).toBe(0);
  });

  test('does not take its last step twice, whoever repeats it', async () => {
    const { token } = await signedIn();
    const visit = await change(token);
    const otp = await visit.otp();
    const headers = { 'Idempotency-Key': 'last' };
    const [one, two] = [await visit.enterOtp(otp, headers), await visit.enterOtp(otp, headers)];
    expect([one.status, two.status, two.body]).toEqual([200, 200, one.body]);
    expect((await visit.enterOtp(otp)).status).toBe(410);
    expect((await visit.choosePassword('Otra-Distinta7')).status).toBe(410);
  });
});

describe('the SMS codes of a change', () => {
  test('bear five wrong entries each; a sixth brings the next by itself, and after three codes it is over', async () => {
    const { person, token } = await signedIn();
    const visit = await change(token);
    for (const number of [1, 2, 3]) {
      const wrong = wrongOtp(await visit.otp(number));
      for (const attemptsLeft of [4, 3, 2, 1, 0])
        expect(await visit.enterOtp(wrong)).toMatchObject({
          status: 422,
          body: { code: 'otp-refused', journey: { step: 'otp', otp: { attemptsLeft } } },
        });
      expect(await visit.enterOtp(wrong)).toMatchObject({
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
    expect((await visit.enterOtp(await visit.otp(3))).status).toBe(410);
    expect((await signIn(stack, person)).status).toBe(201);
    expect((await whoAmI(stack, token)).status).toBe(200);
  });

  test('that are void open nothing, and the one that came by itself does', async () => {
    const { person, token } = await signedIn();
    const visit = await change(token);
    const first = await visit.otp();
    for (let entry = 0; entry < 6; entry += 1) await visit.enterOtp(wrongOtp(first));
    const second = await visit.otp(2);
    expect(await visit.enterOtp(first)).toMatchObject({
      status: 422,
      body: { journey: { otp: { attemptsLeft: 4 } } },
    });
    expect((await visit.enterOtp(second)).status).toBe(200);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });

  test('eight wrong entries at once are counted one by one: a second code is sent, and no third', async () => {
    const { token } = await signedIn();
    const visit = await change(token);
    const wrong = wrongOtp(await visit.otp());
    const replies = await Promise.all(Array.from({ length: 8 }, () => visit.enterOtp(wrong)));
    for (const { status } of replies) expect([422, 503]).toContain(status);
    const { journey } = (await visit.read()).body;
    expect(journey).toMatchObject({ step: 'otp', otp: { sendsLeft: 1 } });
    expect(journey.otp.attemptsLeft).toBeGreaterThanOrEqual(3);
    expect((await visit.enterOtp(await visit.otp(2))).status).toBe(200);
  });
});

describe('a change under way ends superseded', () => {
  test('if its session has signed out', async () => {
    const { person, token } = await signedIn();
    const visit = await change(token);
    const otp = await visit.otp();
    await call(stack, 'DELETE', '/sessions/current', { token });
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect(await visit.read()).toMatchObject({ body: { journey: { outcome: 'superseded' } } });
    expect((await signIn(stack, person)).status).toBe(201);
    // Nor is the new password kept that came to nothing.
    await until(
      () => stack.db.prisma.stagedPassword.count({ where: { citizenId: person.citizenId } }),
      (staged) => staged === 0,
    );
  });

  test('if the password has been reset', async () => {
    const { person, token } = await signedIn();
    const visit = await change(token);
    const otp = await visit.otp();
    await person.setPassword('Hoy-hace-sol-3!');
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect((await signIn(stack, person, otherPassword)).status).toBe(401);
    expect((await signIn(stack, person, 'Hoy-hace-sol-3!')).status).toBe(201);
  });

  test('if the password has been blocked', async () => {
    const { person, token } = await signedIn();
    const visit = await change(token);
    const otp = await visit.otp();
    await blockPassword(stack, person);
    expect(await visit.enterOtp(otp)).toMatchObject(superseded);
    expect((await signIn(stack, person, otherPassword)).status).toBe(401);
  });

  test('if another change has been begun', async () => {
    const { person, token } = await signedIn();
    const first = await change(token);
    const otp = await first.otp();
    const second = await change(token, 'Hoy-hace-sol-3!');
    expect(await first.enterOtp(otp)).toMatchObject(superseded);
    expect((await second.enterOtp(await second.otp())).status).toBe(200);
    expect((await signIn(stack, person, 'Hoy-hace-sol-3!')).status).toBe(201);
  });
});
