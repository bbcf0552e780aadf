import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { call, goodPassword, otherPassword, Person, somebody } from '../actors/front-end.ts';
import {
  activePerson,
  atOffice,
  blockPassword,
  changePassword,
  journeyOf,
  sessionOf,
  signIn,
  substantial,
  textsSaying,
  whoAmI,
} from '../actors/signed-in.ts';
import { auditTypesOf, queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const notice = 'ha suspendido su acceso';
const suspend = (person: Person) => atOffice(stack, '/suspensions', person);

describe('a suspension', () => {
  test('ends sessions and visits and blocks password and code', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const change = await journeyOf(stack, changePassword(stack, token, goodPassword, otherPassword));
    const reset = await person.confirmedVisit();
    expect(await suspend(person)).toMatchObject({ status: 201, body: { citizenId: person.citizenId } });

    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await change.enterOtp('000000')).status).toBe(410);
    expect(await reset.choosePassword(otherPassword)).toMatchObject({
      status: 410,
      body: { code: 'journey-ended', journey: { outcome: 'blocked' } },
    });
    expect(await person.start()).toMatchObject({ status: 423, body: { code: 'activation-code-blocked' } });
    expect((await person.start({ activationCode: 'ZZZZZ-ZZZZZ' })).status).toBe(423);
    expect(await atOffice(stack, '/activation-codes', person)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect((await atOffice(stack, '/citizen-lookups', person)).body).toMatchObject({
      status: 'suspended',
      blocked: ['code', 'password'],
    });
    expect(await auditTypesOf(stack, person.citizenId)).toContain('citizen-suspended');
  });

  test('keeps its reason for the office, out of the audit trail, and is told once however often it is done', async () => {
    const person = await activePerson(stack);
    expect([(await suspend(person)).status, (await suspend(person)).status]).toEqual([201, 201]);
    await until(
      () => textsSaying(person, notice),
      (notices) => notices > 0,
    );
    await blockPassword(stack, person);
    expect(textsSaying(person, notice)).toBe(1);
    expect(textsSaying(person, 'se ha bloqueado')).toBe(0);
    const kept = await queryAsOwner<{ reason: string }>(
      stack,
      'SELECT reason FROM "Suspension" WHERE "citizenId" = $1',
      [person.citizenId],
    );
    expect(kept.map(({ reason }) => reason)).toEqual(['a lost phone', 'a lost phone']);
    const trail = await queryAsOwner(stack, 'SELECT detail::text FROM "AuditEvent" WHERE "citizenId" = $1', [
      person.citizenId,
    ]);
    expect(JSON.stringify(trail)).not.toContain('lost phone');
  });

  test('ends with a new act: the old password signs in again, the new code resets, the old sessions are over', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const old = person.activationCode;
    await suspend(person);
    await person.register();
    expect((await atOffice(stack, '/citizen-lookups', person)).body).toMatchObject({
      status: 'active',
      blocked: [],
    });
    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(201);
    const visit = await substantial(stack, person);
    expect((await visit.enterOtp(await visit.otp())).status).toBe(200);
    expect((await person.start({ activationCode: old })).status).toBe(422);
    expect((await person.setPassword(otherPassword)).status).toBe(200);
    // A further suspension is another one, and told again.
    await suspend(person);
    await until(
      () => textsSaying(person, notice),
      (notices) => notices === 2,
    );
  });

  test('leaves no session behind, whatever sign-in was being compared in that moment', async () => {
    const person = await activePerson(stack);
    const signing = Array.from({ length: 12 }, () => signIn(stack, person));
    await signing[0];
    expect((await suspend(person)).status).toBe(201);
    await Promise.all(signing);
    expect(await stack.db.prisma.session.count({ where: { citizenId: person.citizenId } })).toBe(0);
  });

  test('of one who has no password yet keeps them from activating', async () => {
    const person = await new Person(stack).register();
    const visit = await person.confirmedVisit();
    await suspend(person);
    expect((await visit.choosePassword(goodPassword)).status).toBe(410);
    expect((await atOffice(stack, '/citizen-lookups', person)).body).toMatchObject({
      status: 'suspended',
      blocked: ['code'],
    });
    expect(await stack.db.prisma.password.count({ where: { citizenId: person.citizenId } })).toBe(0);
  });

  test('is for officers, about somebody who is registered', async () => {
    const person = await activePerson(stack);
    const session = await sessionOf(stack, person);
    const body = { nationalId: person.data.nationalId, reason: 'a lost phone' };
    for (const token of [undefined, session, 'nobody'])
      expect((await call(stack, 'POST', '/suspensions', { body, token })).status).toBe(401);
    expect((await whoAmI(stack, session)).status).toBe(200);
    expect(await atOffice(stack, '/suspensions', { data: somebody() })).toMatchObject({
      status: 404,
      body: { code: 'not-registered' },
    });
  });
});

describe('a regeneration of the activation code', () => {
  test('voids the old code at once, and keeps the password and the sessions', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const reply = await atOffice(stack, '/activation-codes', person);
    expect(reply.status).toBe(201);
    expect((await person.start()).status).toBe(422);
    expect((await whoAmI(stack, token)).status).toBe(200);
    expect((await signIn(stack, person)).status).toBe(201);
    person.activationCode = reply.body.activationCode;
    expect((await person.setPassword(otherPassword)).body.journey.outcome).toBe('password-set');
  });

  test('does not lift a block of the password', async () => {
    const person = await activePerson(stack);
    await blockPassword(stack, person);
    expect(await atOffice(stack, '/activation-codes', person)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
    expect((await signIn(stack, person)).status).toBe(401);
  });

  test('does not lift one either of which the workflow has not heard yet', async () => {
    const person = await activePerson(stack);
    const { citizenId } = person;
    const data = { blockedAt: new Date(), blockToldAt: new Date() };
    await stack.db.prisma.password.update({ where: { citizenId }, data });
    expect(await atOffice(stack, '/activation-codes', person)).toMatchObject({
      status: 409,
      body: { code: 'registration-act-needed' },
    });
  });

  test('is for officers', async () => {
    const person = await activePerson(stack);
    const body = { nationalId: person.data.nationalId };
    for (const token of [undefined, await sessionOf(stack, person)])
      expect((await call(stack, 'POST', '/activation-codes', { body, token })).status).toBe(401);
  });
});
