import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { argon2Parameters } from '../../platform/hashing.ts';
import { call, goodPassword, otherPassword, Person, somebody } from '../actors/front-end.ts';
import { activePerson, sessionOf, signIn, unsubscribe, whoAmI, wrongPassword } from '../actors/signed-in.ts';
import { auditTypesOf } from '../database/rows.ts';
import { MovableClock } from '../environment/movable-clock.ts';
import { type Stack, startStack } from '../environment/stack.ts';

const minute = 60_000;
const clock = new MovableClock();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ clock, policy: { failedIdsPerIp: { tries: 10_000, per: 'P1D' } } });
});
afterAll(() => stack.stop());

describe('a sign-in', () => {
  test('opens a session whose token says who is signed in, with phone and email masked', async () => {
    const person = await activePerson(stack);
    const reply = await signIn(stack, person);
    expect(reply).toMatchObject({
      status: 201,
      body: { session: { assurance: 'basic', previousAccess: null, token: expect.any(String) } },
    });
    const { token, ...session } = reply.body.session;
    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(32);
    expect(reply.headers.get('Cache-Control')).toBe('no-store');

    const { status, body } = await whoAmI(stack, token);
    expect(status).toBe(200);
    expect(body.session).toEqual(session);
    expect(body.citizen).toMatchObject({
      givenName: 'Begoña',
      firstSurname: 'Etxeberria',
      level: 'advanced',
      phone: `•••••${person.data.phone.slice(-4)}`,
    });
    expect(Date.parse(body.citizen.passwordExpiresAt)).toBeGreaterThan(clock.now());
    const shown = JSON.stringify(body);
    for (const secret of [person.data.email, person.data.phone, person.data.nationalId, token])
      expect(shown).not.toContain(secret);
    expect(body.citizen.email).toContain('@');
  });

  test('shows the access before this one', async () => {
    const person = await activePerson(stack);
    const before = clock.now();
    expect((await signIn(stack, person)).body.session.previousAccess).toBeNull();
    const between = clock.now();
    const shown = Date.parse((await signIn(stack, person)).body.session.previousAccess);
    expect(shown).toBeGreaterThanOrEqual(before);
    expect(shown).toBeLessThanOrEqual(between);
    expect(Date.parse((await signIn(stack, person)).body.session.previousAccess)).toBeGreaterThanOrEqual(
      between,
    );
  });

  test('keeps only the digest of the token', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    const rows = await stack.db.prisma.session.findMany({ where: { citizenId: person.citizenId } });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('takes a password typed on another keyboard, and leaves its trace in the audit trail', async () => {
    const person = await activePerson(stack, 'Lluèvia-Fina7');
    expect((await signIn(stack, person, 'Lluèvia-Fina7'.normalize('NFD'))).status).toBe(201);
    await signIn(stack, person, wrongPassword);
    expect(await auditTypesOf(stack, person.citizenId)).toEqual(
      expect.arrayContaining(['signed-in', 'sign-in-refused']),
    );
  });

  test('repeated with the same Idempotency-Key, also at once, opens one session and tells the same token', async () => {
    const person = await activePerson(stack);
    const again = () => signIn(stack, person, goodPassword, { headers: { 'Idempotency-Key': 'once' } });
    const replies = await Promise.all([again(), again(), again()]);
    const tokens = [...replies, await again()].map(({ body }) => body.session.token);
    expect(new Set(tokens).size).toBe(1);
    expect(await stack.db.prisma.session.count({ where: { citizenId: person.citizenId } })).toBe(1);
  });

  test('renews a hash of outdated parameters', async () => {
    const person = await activePerson(stack);
    const secret = stack.ring.subkey('password');
    const hash = await argon2.hash(normalisePassword(goodPassword), {
      ...argon2Parameters,
      memoryCost: 8_192,
      secret,
    });
    const where = { citizenId: person.citizenId };
    await stack.db.prisma.password.update({ where, data: { hash } });
    await signIn(stack, person, wrongPassword);
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).hash).toBe(hash);
    expect((await signIn(stack, person)).status).toBe(201);
    const renewed = (await stack.db.prisma.password.findUniqueOrThrow({ where })).hash;
    expect(renewed).toContain('m=19456,t=2,p=1');
    expect((await signIn(stack, person)).status).toBe(201);
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).hash).toBe(renewed);
  });
});

describe('a refused sign-in', () => {
  test('looks the same for a wrong password, somebody unknown, registered only, and unsubscribed', async () => {
    const active = await activePerson(stack);
    const registered = await new Person(stack).register();
    const gone = await activePerson(stack);
    const leaving = await unsubscribe(stack, await sessionOf(stack, gone));
    await call(stack, 'POST', `/journeys/${leaving.body.journey.id}/otp`, {
      body: { otp: await gone.otp(2) },
      token: leaving.body.token,
    });
    expect(await stack.db.prisma.password.count({ where: { citizenId: gone.citizenId } })).toBe(0);

    const replies = [];
    for (const [who, password] of [
      [active, wrongPassword],
      [{ data: somebody() }, goodPassword],
      [registered, goodPassword],
      [gone, goodPassword],
    ] as const)
      for (const assurance of ['basic', 'substantial'] as const)
        replies.push(await signIn(stack, who, password, { assurance }));
    expect(replies[0]).toMatchObject({ status: 401, body: { code: 'sign-in-refused' } });
    const looks = replies.map(({ status, body, headers }) => ({ status, body, names: [...headers.keys()] }));
    for (const look of looks) expect(look).toEqual(looks[0]);
  });
});

describe('a session', () => {
  test('is over at once when the citizen signs out, and no other with it', async () => {
    const person = await activePerson(stack);
    const [one, other] = [await sessionOf(stack, person), await sessionOf(stack, person)];
    expect((await call(stack, 'DELETE', '/sessions/current', { token: one })).status).toBe(204);
    const refused = { status: 401, body: { code: 'not-authenticated' } };
    expect(await whoAmI(stack, one)).toMatchObject(refused);
    expect(await call(stack, 'DELETE', '/sessions/current', { token: one })).toMatchObject(refused);
    expect(await unsubscribe(stack, one)).toMatchObject(refused);
    expect((await whoAmI(stack, other)).status).toBe(200);
    expect(await auditTypesOf(stack, person.citizenId)).toContain('signed-out');
  });

  test('ends unused after a quarter of an hour, and used after an hour', async () => {
    const person = await activePerson(stack);
    const unused = await sessionOf(stack, person);
    const reply = await signIn(stack, person);
    const { token: used, expiresAt } = reply.body.session;
    expect(Math.abs(Date.parse(expiresAt) - clock.now() - 60 * minute)).toBeLessThan(5_000);
    clock.pass(14.5 * minute);
    expect((await whoAmI(stack, used)).status).toBe(200);
    clock.pass(minute);
    expect((await whoAmI(stack, unused)).status).toBe(401);
    for (let quarter = 0; quarter < 3; quarter += 1) {
      expect((await whoAmI(stack, used)).status).toBe(200);
      clock.pass(14 * minute);
    }
    // 57.5 minutes after the sign-in; then past the hour.
    expect((await whoAmI(stack, used)).status).toBe(200);
    clock.pass(3 * minute);
    expect((await whoAmI(stack, used)).status).toBe(401);
  });

  test('ends with its password at the latest', async () => {
    const person = await activePerson(stack);
    const expiresAt = new Date(clock.now() + 10 * minute);
    await stack.db.prisma.password.update({ where: { citizenId: person.citizenId }, data: { expiresAt } });
    const reply = await signIn(stack, person);
    expect(reply.body.session.expiresAt).toBe(expiresAt.toISOString());
    clock.pass(9 * minute);
    expect((await whoAmI(stack, reply.body.session.token)).status).toBe(200);
    clock.pass(2 * minute);
    expect((await whoAmI(stack, reply.body.session.token)).status).toBe(401);
  });

  test('of a password that has been reset meanwhile is over', async () => {
    const person = await activePerson(stack);
    const token = await sessionOf(stack, person);
    await person.setPassword(otherPassword);
    expect((await whoAmI(stack, token)).status).toBe(401);
    expect((await signIn(stack, person)).status).toBe(401);
    expect((await signIn(stack, person, otherPassword)).status).toBe(201);
  });
});
