import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Workshop } from '../environment/activity-environment.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
});
afterAll(() => shop.close());

const rowOf = (id: string) =>
  shop.db.prisma.citizen.findUniqueOrThrow({ where: { id }, include: { password: true } });

/** A citizen with a confirmed phone and a password in force. */
async function established() {
  const { opening } = await shop.visit();
  const { citizenId, visitId } = opening;
  await shop.write.confirmPhone({ id: visitId, citizenId, journeyId: visitId }, 2_500);
  await shop.write.savePassword(shop.saving(citizenId, visitId, await shop.stage(citizenId, visitId)));
  return rowOf(citizenId);
}

describe('a further registration act', () => {
  test('replaces name and phone, keeps the password and unblocks it, and knows the phone that was before', async () => {
    const { id: citizenId, nationalId, phone, password } = await established();
    await shop.db.prisma.password.update({
      where: { citizenId },
      data: { blockedAt: new Date(), failuresInARow: 6 },
    });
    const act = {
      ...(await shop.act({ citizenId, nationalId, givenName: 'Otra' })),
      passwordId: password?.id ?? '',
    };
    const applied = await shop.write.applyRegistration(act);
    expect(applied).toEqual({
      ...{ kind: 'applied', again: true, phoneChanged: true },
      password: { id: password?.id, expiresAtMs: password?.expiresAt.getTime(), blocked: false },
    });
    expect(await shop.write.applyRegistration(act)).toEqual(applied);
    const now = await rowOf(citizenId);
    expect(now).toMatchObject({ givenName: 'Otra', phoneConfirmedAt: null });
    expect(now.phone).not.toBe(phone);
    expect(now.password).toMatchObject({ id: password?.id, blockedAt: null, failuresInARow: 0 });
    expect(await shop.db.prisma.registrationAct.findUnique({ where: { id: act.actId } })).toMatchObject({
      formerPhone: phone,
    });
  });

  test.each([
    ['another', { passwordId: randomUUID() }],
    ['none', {}],
  ])('leaves shut a password that the workflow does not know: it knows %s', async (_which, known) => {
    const { id: citizenId, nationalId } = await established();
    await shop.db.prisma.password.update({ where: { citizenId }, data: { blockedAt: new Date() } });
    const act = await shop.act({ citizenId, nationalId });
    const applied = await shop.write.applyRegistration({ ...act, ...known });
    expect(applied).toMatchObject({ kind: 'applied', password: { blocked: true } });
    expect((await rowOf(citizenId)).password?.blockedAt).not.toBeNull();
  });

  test('and a regeneration leave word of the code that was given last, also when one comes again', async () => {
    const { id: citizenId, nationalId } = await established();
    const act = await shop.act({ citizenId, nationalId });
    const { officerId, requestId } = act;
    const regeneration = { codeId: randomUUID(), citizenId, officerId, requestId };
    const codeId = async () => (await rowOf(citizenId)).codeId;
    await shop.write.applyRegistration(act);
    expect(await codeId()).toBe(act.codeId);
    await shop.write.regenerateCode(regeneration);
    expect(await codeId()).toBe(regeneration.codeId);
    await shop.write.applyRegistration(act);
    expect(await codeId()).toBe(act.codeId);
    await shop.write.regenerateCode(regeneration);
    expect(await codeId()).toBe(regeneration.codeId);
  });

  test('keeps the proof that the phone is the citizen’s, if the phone stays', async () => {
    const { id: citizenId, nationalId, phone, phoneConfirmedAt } = await established();
    const act = await shop.act({ citizenId, nationalId, phone });
    expect(await shop.write.applyRegistration(act)).toMatchObject({ phoneChanged: false });
    expect((await rowOf(citizenId)).phoneConfirmedAt).toEqual(phoneConfirmedAt);
  });

  test('makes an earlier one void, also one that comes again', async () => {
    const { id: citizenId, nationalId } = await established();
    const [earlier, later] = [
      await shop.act({ citizenId, nationalId, givenName: 'Primera' }),
      await shop.act({ citizenId, nationalId, givenName: 'Segunda' }),
    ];
    await shop.write.applyRegistration(earlier);
    await shop.write.applyRegistration(later);
    expect(await shop.write.applyRegistration(earlier)).toEqual({
      kind: 'superseded',
      appliedAtMs: earlier.appliedAtMs,
    });
    expect(await rowOf(citizenId)).toMatchObject({ givenName: 'Segunda', actId: later.actId });
  });

  test('leaves its phone unconfirmed when a code that was texted to the one before is entered late', async () => {
    const { opening } = await shop.visit();
    const { citizenId, visitId } = opening;
    const { nationalId } = await rowOf(citizenId);
    const act = await shop.act({ citizenId, nationalId });
    await shop.write.applyRegistration({ ...act, appliedAtMs: opening.startedAtMs + 1 });
    await shop.write.confirmPhone({ id: visitId, citizenId, journeyId: visitId }, 9_000);
    expect(await rowOf(citizenId)).toMatchObject({ phoneConfirmedAt: null });
  });
});

test('of two acts at once for one person, one makes the citizen, and the other learns that there is one', async () => {
  for (let round = 0; round < 5; round += 1) {
    const nationalId = `${30_000_000 + round}X`;
    const acts = [await shop.act({ nationalId }), await shop.act({ nationalId })];
    const kinds = await Promise.all(acts.map(async (act) => (await shop.write.applyRegistration(act)).kind));
    expect(kinds.sort()).toEqual(['applied', 'other-citizen']);
    expect(await shop.db.prisma.citizen.count({ where: { nationalId } })).toBe(1);
  }
});

test('a visit that is over is not opened again: its SMS code has been used, or is void', async () => {
  const { opening } = await shop.visit();
  const { citizenId, visitId, requestId, kind } = opening;
  const closing = { visitId, citizenId, kind, requestId, closedAtMs: 4_000 };
  await shop.write.closeVisit({ ...closing, outcome: 'superseded' });
  expect(await shop.write.openVisit(opening)).toEqual({ kind: 'over' });
});

test('a text that will not be sent gives its place back once, and one that was sent never does', async () => {
  const { opening } = await shop.visit();
  const { citizenId, visitId, kind } = opening;
  const usedNow = async () => {
    const { allowance } = await shop.db.prisma.text.findUniqueOrThrow({ where: { id: `${visitId}/1` } });
    return (await shop.db.prisma.textAllowance.findUnique({ where: { key: allowance ?? '' } }))?.used;
  };
  await shop.write.prepareOtp({ ...opening, number: 2, nowMs: 3_000 });
  expect(await usedNow()).toBe(2);
  const giveUp = { visitId, citizenId, number: 2, failure: 'not-needed' as const };
  await shop.write.giveUpText(giveUp);
  await shop.write.giveUpText(giveUp);
  expect(await usedNow()).toBe(1);
  await shop.text.sendOtp({ citizenId, visitId, kind, number: 1, keyId: 'k1', minutes: 10 });
  await shop.write.giveUpText({ ...giveUp, number: 1 });
  expect(await usedNow()).toBe(1);
});
