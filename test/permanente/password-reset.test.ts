import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { limits } from '../../domain/limits.ts';
import { createPasswordHasher } from '../../platform/hashing.ts';
import { Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { Journey } from '../actors/journey.ts';
import { lookUp } from '../actors/office.ts';
import { requestWithRetry } from '../actors/request.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const active = async (password = goodPassword): Promise<Citizen> => {
  const citizen = await new Citizen(stack).register();
  await citizen.activateOrReset(password);
  return citizen;
};
const passwordsOf = ({ citizenId }: Citizen) => stack.db.prisma.password.findMany({ where: { citizenId } });
const isInForce = async (citizen: Citizen, password: string): Promise<boolean> => {
  const [row] = await passwordsOf(citizen);
  return row !== undefined && createPasswordHasher(stack.ring).matches(password, row);
};

describe('the two addresses of one service', () => {
  const doors = ['/activations', '/password-resets'];
  test.each(doors)(
    '%s activates a citizen without a password and resets an existing password',
    async (path) => {
      const citizen = await new Citizen(stack).register();
      const enter = () => {
        const { nationalId, email } = citizen.data;
        return requestWithRetry(stack, 'POST', path, {
          body: { nationalId, email, activationCode: citizen.activationCode },
        });
      };
      const first = await enter();
      expect(first).toMatchObject({ status: 201, body: { journey: { kind: 'activation', step: 'otp' } } });
      const activation = new Journey(stack, first);
      await activation.enterOtp(await activation.otp());
      expect((await activation.setPassword(goodPassword)).body.journey.outcome).toBe('activated');
      expect(await enter()).toMatchObject({
        status: 201,
        body: { journey: { kind: 'password-reset', step: 'otp' } },
      });
    },
  );
});

describe('a password reset', () => {
  test('sets a new password in place of the old, which is not taken again, and says so by SMS', async () => {
    const accented = 'Lloverá-Poco7';
    const citizen = await active(accented);
    const [before] = await passwordsOf(citizen);
    const journey = await citizen.startActivation();
    const otp = await journey.otp();
    expect(citizen.smsMessages().find((text) => text.includes(otp))).toContain('poner una nueva contraseña');
    await journey.enterOtp(otp);

    // Typed on another keyboard it is the same password still.
    for (const previous of [accented, accented.normalize('NFD')])
      expect(await journey.setPassword(previous)).toMatchObject({
        status: 422,
        body: { code: 'password-refused', errors: [{ code: 'same-as-previous' }] },
      });
    const done = await journey.setPassword(otherPassword);
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { kind: 'password-reset', step: 'done', outcome: 'password-set' } },
    });
    expect(Date.parse(done.body.journey.passwordExpiresAt)).toBeGreaterThan(
      before?.expiresAt.getTime() ?? Number.NaN,
    );

    expect(await passwordsOf(citizen)).toHaveLength(1);
    expect([await isInForce(citizen, otherPassword), await isInForce(citizen, accented)]).toEqual([
      true,
      false,
    ]);
    expect(await auditTypesOf(stack, citizen.citizenId)).toEqual(
      expect.arrayContaining(['password-set', 'journey-finished', 'otp-accepted']),
    );
    await until(
      () => citizen.smsMessages().filter((text) => text.includes('se ha puesto una nueva contraseña')).length,
      (notices) => notices === 2,
    );
  });

  test('changes nothing before it is completed', async () => {
    const citizen = await active();
    const before = await passwordsOf(citizen);
    const journey = await citizen.confirmedJourney();
    await journey.setPassword('short');
    expect(await passwordsOf(citizen)).toEqual(before);
    expect((await lookUp(stack, citizen)).body).toMatchObject({
      status: 'active',
      passwordExpiresAt: before[0]?.expiresAt.toISOString(),
    });
  });
});

describe('a password that breaks the rules', () => {
  const broken: readonly [string, string[]][] = [
    ['Corta-1', ['too-short']],
    ['SIN-MINUSCULA1', ['needs-lower-case']],
    ['sin-mayuscula1', ['needs-upper-case']],
    ['Sin-Digito', ['needs-digit']],
    ['SinEspecial1', ['needs-special']],
    ['Con espacio-1', ['character-not-allowed']],
    ['De-Begona-1977', ['contains-name']],
    ['NUNEZ-y-otra7', ['contains-name']],
    ['Password-1', ['too-common']],
    [`Larga-1${'x'.repeat(250)}`, ['too-long']],
    ['corta', ['too-short', 'needs-upper-case', 'needs-digit', 'needs-special']],
  ];

  test('is refused with each rule that it breaks, at an activation as at a reset, and the next one is taken', async () => {
    const citizen = await new Citizen(stack).register();
    for (const good of [goodPassword, otherPassword]) {
      const journey = await citizen.confirmedJourney();
      const hashed = stack.hashed();
      const withId: [string, string[]] = [`Mi-Dni-${citizen.data.nationalId.slice(0, 8)}`, ['contains-id']];
      for (const [password, codes] of [...broken, withId]) {
        const refused = await journey.setPassword(password);
        expect([password, refused.status, refused.body.code]).toEqual([password, 422, 'password-refused']);
        expect([password, refused.body.errors]).toEqual([password, codes.map((code) => ({ code }))]);
      }
      expect(stack.hashed()).toBe(hashed);
      expect((await journey.setPassword(good)).status).toBe(200);
    }
  });

  test('two long ones that differ in their last character are two passwords', async () => {
    const citizen = await new Citizen(stack).register();
    const long = 'Una frase muy larga, y más. '.repeat(10).slice(0, limits.password.longest - 1);
    await citizen.activateOrReset(`${long}a`);
    const journey = await citizen.confirmedJourney();
    expect((await journey.setPassword(`${long}a`)).body.errors).toEqual([{ code: 'same-as-previous' }]);
    expect((await journey.setPassword(`${long}b`)).status).toBe(200);
  });
});
