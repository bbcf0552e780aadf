import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Proof } from '../../domain/journeys.ts';
import { ActivityEnvironment } from '../environment/activity-environment.ts';

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

const inForce = (citizenId: string) => env.db.prisma.password.findUnique({ where: { citizenId } });
const sessionsOf = (citizenId: string) => env.db.prisma.session.count({ where: { citizenId } });

/** The input of `savePassword` for a new journey of this citizen. */
async function saving(citizenId: string, proof: Proof = 'activation-code') {
  const { opening } = await env.openJourneyOf(citizenId, proof);
  return env.savePasswordInput(
    citizenId,
    opening.journeyId,
    await env.stagePassword(citizenId, opening.journeyId),
  );
}

/** A citizen with a password in force, and a session that it opened. */
async function signedIn() {
  const act = await env.stageAct();
  await env.citizenActivities.applyRegistration(act);
  const { passwordId, citizenId, ...rest } = await saving(act.citizenId);
  await env.citizenActivities.savePassword({ passwordId, citizenId, ...rest });
  const sessionId = randomUUID();
  const [startedAt, endsAt] = [new Date(3_000), new Date(3_603_000)];
  await env.db.prisma.session.create({
    data: {
      ...{ id: sessionId, citizenId, tokenDigest: randomUUID(), assurance: 'basic' },
      ...{ basis: 'password', credentialId: passwordId },
      ...{ startedAt, lastUsedAt: startedAt, endsAt },
    },
  });
  return { citizenId, passwordId, sessionId };
}

describe('a new password', () => {
  test('set with the activation code clears wrong SMS codes in a row of sign-ins, not those of the day; a change clears none', async () => {
    const { citizenId, passwordId, sessionId } = await signedIn();
    const counted = {
      wrongInPeriod: 4,
      consecutiveWrong: 50,
      periodEndsAt: new Date(Date.now() + 86_400_000),
    };
    await env.db.prisma.otpCount.create({ data: { citizenId, proof: 'password', ...counted } });
    const count = () => env.db.prisma.otpCount.findFirstOrThrow({ where: { citizenId } });
    const authority = { basis: 'password', credentialId: passwordId, sessionId } as const;
    await env.citizenActivities.savePassword({ ...(await saving(citizenId, 'password')), authority });
    expect(await count()).toMatchObject(counted);
    await env.citizenActivities.savePassword(await saving(citizenId));
    expect(await count()).toMatchObject({ ...counted, consecutiveWrong: 0 });
  });

  test('that is saved several times at once is in force once', async () => {
    const act = await env.stageAct();
    await env.citizenActivities.applyRegistration(act);
    const password = await saving(act.citizenId);
    const replies = await Promise.all([1, 2, 3].map(() => env.citizenActivities.savePassword(password)));
    expect(replies).toEqual(Array(3).fill({ kind: 'saved' }));
    expect(await inForce(act.citizenId)).toMatchObject({ id: password.passwordId });
  });

  test('ends the sessions of the one before; in a change, all but the one that changed it', async () => {
    const { citizenId, passwordId, sessionId } = await signedIn();
    const changed = {
      ...(await saving(citizenId, 'password')),
      authority: { basis: 'password' as const, credentialId: passwordId, sessionId },
    };
    expect(await env.citizenActivities.savePassword(changed)).toEqual({ kind: 'saved' });
    expect(await env.citizenActivities.savePassword(changed)).toEqual({ kind: 'saved' });
    expect(await sessionsOf(citizenId)).toBe(1);
    expect(await env.citizenActivities.savePassword(await saving(citizenId, 'password'))).toEqual({
      kind: 'saved',
    });
    expect(await sessionsOf(citizenId)).toBe(0);
  });

  test('does not replace one on which it no longer rests: another is in force, it is blocked, the session is over, the citizen has left', async () => {
    const { citizenId, passwordId, sessionId } = await signedIn();
    const change = await saving(citizenId, 'password');
    const authority = { basis: 'password', credentialId: passwordId, sessionId } as const;
    const others = [
      { ...authority, credentialId: randomUUID() },
      { ...authority, sessionId: randomUUID() },
      { ...authority, basis: 'pin' as never },
    ];
    for (const authority of others)
      expect(await env.citizenActivities.savePassword({ ...change, authority })).toEqual({
        kind: 'superseded',
      });
    const { authority: _none, ...activation } = { ...change, authority };
    const where = { id: citizenId };
    await env.db.prisma.citizen.update({ where, data: { unsubscribedAt: new Date() } });
    expect(await env.citizenActivities.savePassword(activation)).toEqual({ kind: 'superseded' });
    await env.db.prisma.citizen.update({ where, data: { unsubscribedAt: null } });
    await env.db.prisma.password.update({ where: { citizenId }, data: { blockedAt: new Date() } });
    expect(await env.citizenActivities.savePassword({ ...change, authority })).toEqual({
      kind: 'superseded',
    });
    expect(await inForce(citizenId)).toMatchObject({ id: passwordId });
  });
});

describe('what opens and ends access', () => {
  test('an unsubscription destroys password and sessions once; the registration stays', async () => {
    const { citizenId, passwordId, sessionId } = await signedIn();
    const { opening } = await env.openJourneyOf(citizenId, 'password');
    const leaving = {
      ...{
        citizenId,
        journeyId: opening.journeyId,
        authority: { basis: 'password' as const, credentialId: passwordId, sessionId },
      },
      ...{ outcome: 'unsubscribed' as const, finishedBy: randomUUID(), requestId: randomUUID() },
      unsubscribedAtMs: 5_000,
    };
    for (let run = 1; run <= 2; run += 1)
      expect(await env.citizenActivities.unsubscribe(leaving)).toEqual({ kind: 'unsubscribed' });
    expect(await inForce(citizenId)).toBeNull();
    expect(await sessionsOf(citizenId)).toBe(0);
    const citizen = await env.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizenId } });
    expect(citizen.unsubscribedAt?.getTime()).toBe(5_000);
    expect((await env.trail(citizenId)).filter((type) => type === 'citizen-unsubscribed')).toHaveLength(1);
  });

  test('a suspension ends sessions and blocks the password, and its first instant stays', async () => {
    const { citizenId } = await signedIn();
    const suspension = {
      ...{ suspensionId: randomUUID(), citizenId, officerId: randomUUID(), requestId: randomUUID() },
      suspendedAtMs: 6_000,
    };
    await env.citizenActivities.suspend(suspension);
    await env.citizenActivities.suspend({ ...suspension, suspendedAtMs: 7_000 });
    expect((await inForce(citizenId))?.blockedAt?.getTime()).toBe(6_000);
    expect(await sessionsOf(citizenId)).toBe(0);
    expect((await env.trail(citizenId)).filter((type) => type === 'citizen-suspended')).toHaveLength(1);
  });

  test('a suspension by an office lets no password be set, and is not done again once an act has lifted it', async () => {
    const act = await env.stageAct();
    await env.citizenActivities.applyRegistration(act);
    const { citizenId, officerId, requestId } = act;
    const password = await saving(citizenId);
    const suspensionId = randomUUID();
    const stamp = { citizenId, officerId, requestId };
    await env.db.prisma.suspension.create({ data: { ...stamp, id: suspensionId, reason: 'a lost phone' } });
    const suspendedAt = (at: Date | null) =>
      env.db.prisma.citizen.update({ where: { id: citizenId }, data: { suspendedAt: at } });
    await suspendedAt(new Date(6_000));
    expect(await env.citizenActivities.savePassword(password)).toEqual({ kind: 'superseded' });
    expect(await inForce(citizenId)).toBeNull();
    await env.citizenActivities.suspend({ ...stamp, suspensionId, suspendedAtMs: 7_000 });
    await env.db.prisma.citizen.update({
      where: { id: citizenId },
      data: { suspendedAt: null, registeredAt: new Date(Date.now() + 60_000) },
    });
    await expect(
      env.citizenActivities.suspend({ ...stamp, suspensionId, suspendedAtMs: 8_000 }),
    ).rejects.toThrow('has lifted');
    expect(await env.db.prisma.citizen.findUnique({ where: { id: citizenId } })).toMatchObject({
      suspendedAt: null,
    });
  });

  test('a suspension that an API of the version before has only written down is put in force', async () => {
    const act = await env.stageAct();
    await env.citizenActivities.applyRegistration(act);
    const { citizenId, officerId, requestId } = act;
    const suspensionId = randomUUID();
    const stamp = { citizenId, officerId, requestId };
    await env.db.prisma.suspension.create({ data: { ...stamp, id: suspensionId, reason: 'a lost phone' } });
    const suspendedAtMs = Date.now();
    await env.citizenActivities.suspend({ ...stamp, suspensionId, suspendedAtMs });
    expect(await env.db.prisma.citizen.findUnique({ where: { id: citizenId } })).toMatchObject({
      suspendedAt: new Date(suspendedAtMs),
    });
  });
});
