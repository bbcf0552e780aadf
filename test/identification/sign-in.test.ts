import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import argon2 from 'argon2';
import { normalisePassword } from '../../domain/permanente/password-rules.ts';
import { argon2Parameters } from '../../platform/hashing.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword, wrongPassword } from '../actors/credentials.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { changePassword, currentSession, newSession, signIn, unsubscribe } from '../actors/sessions.ts';
import { auditTypesOf } from '../database/rows.ts';
import { quickHashing } from '../environment/api-in-process.ts';
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
    const citizen = await activeCitizen(stack);
    const reply = await signIn(stack, citizen);
    expect(reply).toMatchObject({
      status: 201,
      body: { session: { assurance: 'basic', previousAccess: null, token: expect.any(String) } },
    });
    const { token, browserToken, ...session } = reply.body.session;
    expect(Buffer.from(token, 'base64url').length).toBeGreaterThanOrEqual(32);
    expect(reply.headers.get('Cache-Control')).toBe('no-store');

    const { status, body } = await currentSession(stack, token);
    expect(status).toBe(200);
    expect(body.session).toEqual({ ...session, idleAt: expect.any(String) });
    expect(body.citizen).toMatchObject({
      givenName: 'Begoña',
      firstSurname: 'Etxeberria',
      level: 'advanced',
      phone: `•••••${citizen.data.phone.slice(-4)}`,
    });
    expect(Date.parse(body.citizen.passwordExpiresAt)).toBeGreaterThan(clock.now());
    const shown = JSON.stringify(body);
    for (const secret of [
      citizen.data.email,
      citizen.data.phone,
      citizen.data.nationalId,
      token,
      browserToken,
    ])
      expect(shown).not.toContain(secret);
    expect(body.citizen.email).toContain('@');
  });

  test('shows the access before this one', async () => {
    const citizen = await activeCitizen(stack);
    const before = clock.now();
    expect((await signIn(stack, citizen)).body.session.previousAccess).toBeNull();
    const between = clock.now();
    const shown = Date.parse((await signIn(stack, citizen)).body.session.previousAccess);
    expect(shown).toBeGreaterThanOrEqual(before);
    expect(shown).toBeLessThanOrEqual(between);
    expect(Date.parse((await signIn(stack, citizen)).body.session.previousAccess)).toBeGreaterThanOrEqual(
      between,
    );
  });

  test('keeps only the digest of the token', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    const rows = await stack.db.prisma.session.findMany({ where: { citizenId: citizen.citizenId } });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(token);
  });

  test('takes a password typed on another keyboard, and leaves its trace in the audit trail', async () => {
    const citizen = await activeCitizen(stack, 'Lluèvia-Fina7');
    expect((await signIn(stack, citizen, 'Lluèvia-Fina7'.normalize('NFD'))).status).toBe(201);
    await signIn(stack, citizen, wrongPassword);
    expect(await auditTypesOf(stack, citizen.citizenId)).toEqual(
      expect.arrayContaining(['signed-in', 'sign-in-refused']),
    );
  });

  test('repeated with the same Idempotency-Key, also at once, opens one session and returns the same token', async () => {
    const citizen = await activeCitizen(stack);
    const again = () => signIn(stack, citizen, goodPassword, { headers: { 'Idempotency-Key': 'once' } });
    const replies = await Promise.all([again(), again(), again()]);
    const tokens = [...replies, await again()].map(({ body }) => body.session.token);
    expect(new Set(tokens).size).toBe(1);
    expect(await stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } })).toBe(1);
  });

  test('renews a hash of outdated parameters', async () => {
    const citizen = await activeCitizen(stack);
    const secret = stack.ring.subkey('password');
    const hash = await argon2.hash(normalisePassword(goodPassword), {
      ...argon2Parameters,
      memoryCost: 8_192,
      secret,
    });
    const where = { citizenId: citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { hash } });
    await signIn(stack, citizen, wrongPassword);
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).hash).toBe(hash);
    expect((await signIn(stack, citizen)).status).toBe(201);
    const renewed = (await stack.db.prisma.password.findUniqueOrThrow({ where })).hash;
    expect(renewed).toContain(`m=${quickHashing.memoryCost},t=2,p=1`);
    expect((await signIn(stack, citizen)).status).toBe(201);
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).hash).toBe(renewed);
  });
});

describe('a refused sign-in', () => {
  test('looks the same for a wrong password, an unknown id, a citizen without a password, and an unsubscribed one', async () => {
    const active = await activeCitizen(stack);
    const registered = await new Citizen(stack).register();
    const gone = await activeCitizen(stack);
    const leaving = await unsubscribe(stack, await newSession(stack, gone));
    await requestWithRetry(stack, 'POST', `/journeys/${leaving.body.journey.id}/otp`, {
      body: { otp: await gone.otp(2) },
      token: leaving.body.token,
    });
    expect(await stack.db.prisma.password.count({ where: { citizenId: gone.citizenId } })).toBe(0);

    const replies = [];
    for (const [who, password] of [
      [active, wrongPassword],
      [{ data: newPersonalData() }, goodPassword],
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
    const citizen = await activeCitizen(stack);
    const [one, other] = [await newSession(stack, citizen), await newSession(stack, citizen)];
    expect((await requestWithRetry(stack, 'DELETE', '/sessions/current', { token: one })).status).toBe(204);
    const refused = { status: 401, body: { code: 'not-authenticated' } };
    expect(await currentSession(stack, one)).toMatchObject(refused);
    expect(await requestWithRetry(stack, 'DELETE', '/sessions/current', { token: one })).toMatchObject(
      refused,
    );
    expect(await unsubscribe(stack, one)).toMatchObject(refused);
    expect((await currentSession(stack, other)).status).toBe(200);
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('signed-out');
  });

  test('ends unused after a quarter of an hour, and used after an hour', async () => {
    const citizen = await activeCitizen(stack);
    const unused = await newSession(stack, citizen);
    const before = clock.now();
    const reply = await signIn(stack, citizen);
    const { token: used, expiresAt } = reply.body.session;
    const signedInAtMs = Date.parse(expiresAt) - 60 * minute;
    expect(signedInAtMs).toBeGreaterThanOrEqual(before);
    expect(signedInAtMs).toBeLessThanOrEqual(clock.now());
    clock.advance(14.5 * minute);
    expect((await currentSession(stack, used)).status).toBe(200);
    clock.advance(minute);
    expect((await currentSession(stack, unused)).status).toBe(401);
    for (let quarter = 0; quarter < 3; quarter += 1) {
      expect((await currentSession(stack, used)).status).toBe(200);
      clock.advance(14 * minute);
    }
    // 57.5 minutes after the sign-in; then past the hour.
    expect((await currentSession(stack, used)).status).toBe(200);
    clock.advance(3 * minute);
    expect((await currentSession(stack, used)).status).toBe(401);
  });

  test('ends with its password at the latest', async () => {
    const citizen = await activeCitizen(stack);
    const expiresAt = new Date(clock.now() + 10 * minute);
    await stack.db.prisma.password.update({ where: { citizenId: citizen.citizenId }, data: { expiresAt } });
    const reply = await signIn(stack, citizen);
    expect(reply.body.session.expiresAt).toBe(expiresAt.toISOString());
    clock.advance(9 * minute);
    expect((await currentSession(stack, reply.body.session.token)).status).toBe(200);
    clock.advance(2 * minute);
    expect((await currentSession(stack, reply.body.session.token)).status).toBe(401);
  });

  test('is over if it rests on what no release knows, or on another row than the password in force', async () => {
    const citizen = await activeCitizen(stack);
    for (const data of [{ basis: 'smart-card' }, { basis: '' }, { credentialId: randomUUID() }]) {
      const token = await newSession(stack, citizen);
      expect((await currentSession(stack, token)).status).toBe(200);
      const where = { tokenDigest: tokenDigest(token) };
      await stack.db.prisma.session.update({ where, data });
      expect(await currentSession(stack, token)).toMatchObject({ status: 401 });
      expect(await unsubscribe(stack, token)).toMatchObject({ status: 401 });
      expect(await changePassword(stack, token, goodPassword, otherPassword)).toMatchObject({ status: 401 });
    }
  });

  test('of a password that has been reset meanwhile is over', async () => {
    const citizen = await activeCitizen(stack);
    const token = await newSession(stack, citizen);
    await citizen.activateOrReset(otherPassword);
    expect((await currentSession(stack, token)).status).toBe(401);
    expect((await signIn(stack, citizen)).status).toBe(401);
    expect((await signIn(stack, citizen, otherPassword)).status).toBe(201);
  });
});
