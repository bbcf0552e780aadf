import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { lookUp, suspend } from '../actors/office.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { auditTypesOf, rowCounts } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const review = (declared: object, token: string | undefined = stack.officeKey) =>
  requestWithRetry(stack, 'POST', '/registrations', { body: { ...declared, review: true }, token });

describe('the review of a registration act', () => {
  test('finds nobody under a new national id, and registers nobody', async () => {
    const declared = newPersonalData();
    const { RegistrationAct: acts, Citizen: citizens } = await rowCounts(stack);
    expect(await review(declared)).toMatchObject({ status: 200, body: { known: null } });
    expect(await rowCounts(stack)).toMatchObject({ RegistrationAct: acts, Citizen: citizens });
    expect((await lookUp(stack, { data: declared })).status).toBe(404);
  });

  test('says of a known citizen which state they are in and which data the act would replace, and replaces none', async () => {
    const citizen = await activeCitizen(stack);
    const { nationalId, email } = citizen.data;
    const other = newPersonalData();
    expect((await review(citizen.data)).body).toEqual({
      known: { status: 'active', replaces: [] },
      takesPhone: false,
    });
    const { phone, ...rest } = citizen.data;
    expect((await review({ ...rest, phone: other.phone })).body.known.replaces).toEqual(['phone']);
    await suspend(stack, citizen);
    const all = { ...other, nationalId, givenName: 'Otra', language: 'eu' };
    expect((await review(all)).body).toEqual({
      known: { status: 'suspended', replaces: ['name', 'email', 'phone', 'language'] },
      takesPhone: false,
    });
    expect(
      await stack.db.prisma.citizen.findUniqueOrThrow({ where: { id: citizen.citizenId } }),
    ).toMatchObject({ email, phone });
    expect(await auditTypesOf(stack, citizen.citizenId)).toContain('citizen-looked-up');
  });

  test('refuses the phone that the act would be refused for and no other, and says whether it would be taken from somebody', async () => {
    const owner = await activeCitizen(stack);
    const registered = await new Citizen(stack).register();
    const declared = newPersonalData();
    expect(await review({ ...declared, phone: owner.data.phone })).toMatchObject({
      status: 409,
      body: { code: 'phone-in-use' },
    });
    // Never confirmed there, so the act takes it.
    expect(await review({ ...declared, phone: registered.data.phone })).toMatchObject({
      status: 200,
      body: { known: null, takesPhone: true },
    });
    // From somebody else only: not from the person of the act, and not from one who has left.
    expect((await review(registered.data)).body.takesPhone).toBe(false);
    const where = { id: owner.citizenId };
    await stack.db.prisma.citizen.update({ where, data: { unsubscribedAt: new Date() } });
    expect((await review({ ...declared, phone: owner.data.phone })).body.takesPhone).toBe(false);
    expect((await review({ ...registered.data, phone: owner.data.phone })).body).toMatchObject({
      known: { replaces: ['phone'] },
      takesPhone: false,
    });
  });

  test('is for officers', async () => {
    const { token } = await (await new Citizen(stack).register()).startActivation();
    for (const other of ['nobody', token]) expect((await review(newPersonalData(), other)).status).toBe(401);
  });
});

test('a look-up tells who it is, with email and phone masked', async () => {
  const citizen = await new Citizen(stack).register();
  const { givenName, firstSurname, secondSurname, email, phone } = citizen.data;
  const { body } = await lookUp(stack, citizen);
  expect(body).toMatchObject({ givenName, firstSurname, level: 'advanced', status: 'registered' });
  expect(body.secondSurname).toBe(secondSurname);
  for (const clear of [email, phone]) expect(JSON.stringify(body)).not.toContain(clear);
  expect(body.email).toMatch(/@/);
});
