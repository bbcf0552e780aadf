import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ActivityEnvironment } from '../environment/activity-environment.ts';

let env: ActivityEnvironment;
beforeAll(async () => {
  env = await ActivityEnvironment.open();
});
afterAll(() => env.close());

const rowOf = (id: string) =>
  env.db.prisma.citizen.findUniqueOrThrow({ where: { id }, include: { password: true } });

/** A citizen with a confirmed phone and a password in force. */
async function established() {
  const { opening } = await env.openJourney();
  const { citizenId, journeyId } = opening;
  await env.citizenActivities.confirmPhone({ id: journeyId, citizenId, journeyId }, 2_500);
  await env.citizenActivities.savePassword(
    env.savePasswordInput(citizenId, journeyId, await env.stagePassword(citizenId, journeyId)),
  );
  return rowOf(citizenId);
}

describe('a further registration act', () => {
  test('replaces name and phone, keeps the password and unblocks it, and knows the phone that was before', async () => {
    const { id: citizenId, nationalId, phone, password } = await established();
    await env.db.prisma.password.update({
      where: { citizenId },
      data: { blockedAt: new Date(), failuresInARow: 6 },
    });
    const act = {
      ...(await env.stageAct({ citizenId, nationalId, givenName: 'Otra' })),
      passwordId: password?.id ?? '',
    };
    const applied = await env.citizenActivities.applyRegistration(act);
    expect(applied).toEqual({
      ...{ kind: 'applied', again: true, phoneChanged: true, level: 'advanced' },
      strong: { atMs: act.appliedAtMs, by: 'office' },
      password: { id: password?.id, expiresAtMs: password?.expiresAt.getTime(), blocked: false },
    });
    expect(await env.citizenActivities.applyRegistration(act)).toEqual(applied);
    const now = await rowOf(citizenId);
    expect(now).toMatchObject({ givenName: 'Otra', phoneConfirmedAt: null });
    expect(now.phone).not.toBe(phone);
    expect(now.password).toMatchObject({ id: password?.id, blockedAt: null, failuresInARow: 0 });
    expect(await env.db.prisma.registrationAct.findUnique({ where: { id: act.actId } })).toMatchObject({
      formerPhone: phone,
    });
  });

  test.each([
    ['another', { passwordId: randomUUID() }],
    ['none', {}],
  ])('leaves shut a password that the workflow does not know: it knows %s', async (_which, known) => {
    const { id: citizenId, nationalId } = await established();
    await env.db.prisma.password.update({ where: { citizenId }, data: { blockedAt: new Date() } });
    const act = await env.stageAct({ citizenId, nationalId });
    const applied = await env.citizenActivities.applyRegistration({ ...act, ...known });
    expect(applied).toMatchObject({ kind: 'applied', password: { blocked: true } });
    expect((await rowOf(citizenId)).password?.blockedAt).not.toBeNull();
  });

  test('and a regeneration leave word of the code that was given last, also when one comes again', async () => {
    const { id: citizenId, nationalId } = await established();
    const act = await env.stageAct({ citizenId, nationalId });
    const { officerId, requestId } = act;
    const regeneration = { codeId: randomUUID(), citizenId, officerId, requestId, regeneratedAtMs: 2_000 };
    const codeId = async () => (await rowOf(citizenId)).codeId;
    await env.citizenActivities.applyRegistration(act);
    expect(await codeId()).toBe(act.codeId);
    await env.citizenActivities.regenerateCode(regeneration);
    expect(await codeId()).toBe(regeneration.codeId);
    await env.citizenActivities.applyRegistration(act);
    expect(await codeId()).toBe(act.codeId);
    await env.citizenActivities.regenerateCode(regeneration);
    expect(await codeId()).toBe(regeneration.codeId);
  });

  test('keeps the proof that the phone is the citizen’s, if the phone stays', async () => {
    const { id: citizenId, nationalId, phone, phoneConfirmedAt } = await established();
    const act = await env.stageAct({ citizenId, nationalId, phone });
    expect(await env.citizenActivities.applyRegistration(act)).toMatchObject({ phoneChanged: false });
    expect((await rowOf(citizenId)).phoneConfirmedAt).toEqual(phoneConfirmedAt);
  });

  test('makes an earlier one void, also one that comes again', async () => {
    const { id: citizenId, nationalId } = await established();
    const [earlier, later] = [
      await env.stageAct({ citizenId, nationalId, givenName: 'Primera' }),
      await env.stageAct({ citizenId, nationalId, givenName: 'Segunda' }),
    ];
    await env.citizenActivities.applyRegistration(earlier);
    await env.citizenActivities.applyRegistration(later);
    expect(await env.citizenActivities.applyRegistration(earlier)).toEqual({
      kind: 'superseded',
      appliedAtMs: earlier.appliedAtMs,
    });
    expect(await rowOf(citizenId)).toMatchObject({ givenName: 'Segunda', actId: later.actId });
  });

  test('leaves its phone unconfirmed when a code that was texted to the one before is entered late', async () => {
    const { opening } = await env.openJourney();
    const { citizenId, journeyId } = opening;
    const { nationalId } = await rowOf(citizenId);
    const act = await env.stageAct({ citizenId, nationalId });
    await env.citizenActivities.applyRegistration({ ...act, appliedAtMs: opening.startedAtMs + 1 });
    await env.citizenActivities.confirmPhone({ id: journeyId, citizenId, journeyId }, 9_000);
    expect(await rowOf(citizenId)).toMatchObject({ phoneConfirmedAt: null });
  });
});

test('of two acts at once for one person, one makes the citizen, and the other learns that there is one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const nationalId = `${30_000_000 + round}X`;
    const acts = [await env.stageAct({ nationalId }), await env.stageAct({ nationalId })];
    const kinds = await Promise.all(
      acts.map(async (act) => (await env.citizenActivities.applyRegistration(act)).kind),
    );
    expect(kinds.sort()).toEqual(['applied', 'other-citizen']);
    expect(await env.db.prisma.citizen.count({ where: { nationalId } })).toBe(1);
  }
});

test('a journey that is over is not opened again: its SMS code has been used, or is void', async () => {
  const { opening } = await env.openJourney();
  const { citizenId, journeyId, requestId, kind } = opening;
  const closing = { journeyId, citizenId, kind, requestId, closedAtMs: 4_000 };
  await env.citizenActivities.closeJourney({ ...closing, outcome: 'superseded' });
  expect(await env.citizenActivities.openJourney(opening)).toEqual({ kind: 'over' });
});

test('a text that will not be sent gives its place back once, and one that was sent never does', async () => {
  const { opening } = await env.openJourney();
  const { citizenId, journeyId, kind } = opening;
  const usedNow = async () => {
    const { allowance } = await env.db.prisma.text.findUniqueOrThrow({ where: { id: `${journeyId}/1` } });
    return (await env.db.prisma.textAllowance.findUnique({ where: { key: allowance ?? '' } }))?.used;
  };
  await env.citizenActivities.prepareOtp({ ...opening, number: 2, nowMs: 3_000 });
  expect(await usedNow()).toBe(2);
  const giveUp = { journeyId, citizenId, number: 2, failure: 'not-needed' as const };
  await env.citizenActivities.abandonSms(giveUp);
  await env.citizenActivities.abandonSms(giveUp);
  expect(await usedNow()).toBe(1);
  await env.smsActivities.sendOtp({ citizenId, journeyId, kind, number: 1, keyId: 'k1', minutes: 10 });
  await env.citizenActivities.abandonSms({ ...giveUp, number: 1 });
  expect(await usedNow()).toBe(1);
});
