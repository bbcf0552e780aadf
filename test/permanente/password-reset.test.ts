import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPasswordHasher } from '../../platform/hashing.ts';
import { call, goodPassword, otherPassword, Person, Visit } from '../actors/front-end.ts';
import { auditTypesOf } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const active = async (password = goodPassword): Promise<Person> => {
  const person = await new Person(stack).register();
  await person.setPassword(password);
  return person;
};
const passwordsOf = ({ citizenId }: Person) => stack.db.prisma.password.findMany({ where: { citizenId } });
const isInForce = async (person: Person, password: string): Promise<boolean> => {
  const [row] = await passwordsOf(person);
  return row !== undefined && createPasswordHasher(stack.ring).matches(password, row);
};

describe('the one service behind two addresses', () => {
  const doors = ['/activations', '/password-resets'];
  test.each(doors)('%s activates who has no password and resets that of who has one', async (path) => {
    const person = await new Person(stack).register();
    const enter = () => {
      const { nationalId, email } = person.data;
      return call(stack, 'POST', path, {
        body: { nationalId, email, activationCode: person.activationCode },
      });
    };
    const first = await enter();
    expect(first).toMatchObject({ status: 201, body: { journey: { kind: 'activation', step: 'otp' } } });
    const activation = new Visit(stack, first);
    await activation.enterOtp(await activation.otp());
    expect((await activation.choosePassword(goodPassword)).body.journey.outcome).toBe('activated');
    expect(await enter()).toMatchObject({
      status: 201,
      body: { journey: { kind: 'password-reset', step: 'otp' } },
    });
  });
});

describe('a password reset', () => {
  test('sets a new password in place of the old, which is not taken again, and says so by SMS', async () => {
    const accented = 'Lloverá-Poco7';
    const person = await active(accented);
    const [before] = await passwordsOf(person);
    const visit = await person.visit();
    const otp = await visit.otp();
    expect(person.texts().find((text) => text.includes(otp))).toContain('poner una nueva contraseña');
    await visit.enterOtp(otp);

    // Typed on another keyboard it is the same password still.
    for (const previous of [accented, accented.normalize('NFD')])
      expect(await visit.choosePassword(previous)).toMatchObject({
        status: 422,
        body: { code: 'password-refused', errors: [{ code: 'same-as-previous' }] },
      });
    const done = await visit.choosePassword(otherPassword);
    expect(done).toMatchObject({
      status: 200,
      body: { journey: { kind: 'password-reset', step: 'done', outcome: 'password-set' } },
    });
    expect(Date.parse(done.body.journey.passwordExpiresAt)).toBeGreaterThan(
      before?.expiresAt.getTime() ?? Number.NaN,
    );

    expect(await passwordsOf(person)).toHaveLength(1);
    expect([await isInForce(person, otherPassword), await isInForce(person, accented)]).toEqual([
      true,
      false,
    ]);
    expect(await auditTypesOf(stack, person.citizenId)).toEqual(
      expect.arrayContaining(['password-set', 'journey-finished', 'otp-accepted']),
    );
    await until(
      () => person.texts().filter((text) => text.includes('se ha puesto una nueva contraseña')).length,
      (notices) => notices === 2,
    );
  });

  test('changes nothing before it is completed', async () => {
    const person = await active();
    const before = await passwordsOf(person);
    const visit = await person.confirmedVisit();
    await visit.choosePassword('short');
    expect(await passwordsOf(person)).toEqual(before);
    expect((await person.lookUp()).body).toMatchObject({
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
    const person = await new Person(stack).register();
    for (const good of [goodPassword, otherPassword]) {
      const visit = await person.confirmedVisit();
      const hashed = stack.hashed();
      const withId: [string, string[]] = [`Mi-Dni-${person.data.nationalId.slice(0, 8)}`, ['contains-id']];
      for (const [password, codes] of [...broken, withId]) {
        const refused = await visit.choosePassword(password);
        expect([password, refused.status, refused.body.code]).toEqual([password, 422, 'password-refused']);
        expect([password, refused.body.errors]).toEqual([password, codes.map((code) => ({ code }))]);
      }
      expect(stack.hashed()).toBe(hashed);
      expect((await visit.choosePassword(good)).status).toBe(200);
    }
  });

  test('two long ones that differ in their last character are two passwords', async () => {
    const person = await new Person(stack).register();
    const long = `${'Una frase muy larga, y más. '.repeat(4)}`.slice(0, 99);
    await person.setPassword(`${long}a`);
    const visit = await person.confirmedVisit();
    expect((await visit.choosePassword(`${long}a`)).body.errors).toEqual([{ code: 'same-as-previous' }]);
    expect((await visit.choosePassword(`${long}b`)).status).toBe(200);
  });
});
