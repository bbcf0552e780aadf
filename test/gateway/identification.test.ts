import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { registrationLevels } from '../../domain/assurance.ts';
import { activeCitizen, type Citizen } from '../actors/citizen.ts';
import {
  asGateway,
  boundSession,
  boundSessionWithSms,
  identified,
  identify,
  readIdentification,
  registerParty,
  removeParty,
  signInFor,
  signInWithSmsFor,
  smsOf,
} from '../actors/relying-parties.ts';
import { queryAsOwner } from '../database/rows.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const setLevel = (citizen: Citizen, level: (typeof registrationLevels)[number]) =>
  stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data: { level } });

describe('an identification to a relying party', () => {
  test('tells it the level, the means and what it may have, and ends the session', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const token = await boundSession(stack, party, citizen);
    const done = await identify(stack, party, token);
    expect(done).toMatchObject({ status: 201, body: { level: 'low', means: 'password' } });
    const { data } = citizen;
    const told = await readIdentification(stack, party, done.body.identificationId);
    expect(told.body).toEqual({
      subject: expect.stringMatching(/^[\w-]{43}$/),
      ...{ level: 'low', means: 'password', at: expect.any(String) },
      attributes: {
        nationalId: data.nationalId,
        givenName: data['givenName'],
        firstSurname: data['firstSurname'],
        secondSurname: data['secondSurname'],
        email: data.email,
        phone: data.phone,
        phoneConfirmed: true,
        registrationLevel: 'advanced',
      },
    });
    // What the gateway would ask next it is told at once.
    const { subject, at } = told.body;
    expect(done.body).toMatchObject({ relyingParty: party.id, subject, at });
    expect((await identify(stack, party, token)).status).toBe(401);
    expect(await stack.db.prisma.session.count({ where: { citizenId: citizen.citizenId } })).toBe(0);
    const trail = await queryAsOwner<{ detail: unknown }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'identified'`,
      [citizen.citizenId],
    );
    expect(trail).toEqual([{ detail: { relyingParty: party.id, level: 'low', means: 'password' } }]);
  });

  test('below the floor leaves the session, and a sign-in with an SMS code, which names the party, steps up', async () => {
    const citizen = await activeCitizen(stack);
    const party = await registerParty(stack, { shortName: 'Padrones Ñ' });
    const token = await boundSession(stack, party, citizen);
    for (let times = 0; times < 2; times += 1)
      expect(await identify(stack, party, token, { floor: 'substantial' })).toMatchObject({
        status: 403,
        body: {
          code: 'level-not-reached',
          ...{ level: 'low', means: 'password', registration: 'advanced', missing: ['level'] },
        },
      });
    const journey = await signInWithSmsFor(stack, party, citizen);
    const sms = await smsOf(journey);
    expect(sms).toContain('Padrones Ñ');
    const { body } = await journey.enterOtp(sms);
    const stepped = await identify(stack, party, body.journey.session.token, { floor: 'substantial' });
    expect(stepped).toMatchObject({ status: 201, body: { level: 'substantial', means: 'password-sms' } });
    // Not used up by what it did not reach.
    expect((await identify(stack, party, token, { floor: 'low' })).status).toBe(201);
  });

  test('is held to the floor, the means and the registration of the row, whatever the body says', async () => {
    const citizen = await activeCitizen(stack);
    const strict = await registerParty(stack, {
      ...{ floor: 'substantial', means: ['password-sms', 'certificate'], registrationFloor: 'advanced' },
    });
    const weak = await identify(stack, strict, await boundSession(stack, strict, citizen));
    expect(weak.body).toMatchObject({ code: 'level-not-reached', missing: ['level', 'means'] });
    const token = await boundSessionWithSms(stack, strict, citizen);
    await setLevel(citizen, 'basic');
    const { body } = await identify(stack, strict, token);
    expect(body).toMatchObject({ level: 'low', registration: 'basic', missing: ['level', 'registration'] });
    await setLevel(citizen, 'advanced');
    expect((await identify(stack, strict, token, { floor: 'high' })).body.missing).toEqual(['level']);
    expect((await identify(stack, strict, token)).body).toMatchObject({ level: 'substantial' });
  });

  test('begins at an expired password with its renewal', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const where = { citizenId: citizen.citizenId };
    await stack.db.prisma.password.update({ where, data: { expiresAt: new Date() } });
    expect(await signInFor(stack, party, citizen)).toMatchObject({
      status: 403,
      body: { code: 'password-expired', journey: { kind: 'password-change', step: 'otp' } },
    });
  });

  test('is refused to a party that is not registered, or not any more, at each step', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const unknown = { status: 422, body: { code: 'unknown-relying-party' } };
    expect(await signInFor(stack, { id: 'nobody' }, citizen)).toMatchObject(unknown);
    const [token, other] = [
      await boundSession(stack, party, citizen),
      await boundSession(stack, party, citizen),
    ];
    const { identificationId } = (await identify(stack, party, other)).body;
    await removeParty(stack, party);
    expect(await identify(stack, party, token)).toMatchObject(unknown);
    expect((await readIdentification(stack, party, identificationId)).status).toBe(404);
    expect(await signInFor(stack, party, citizen)).toMatchObject(unknown);
  });
});

describe('what a relying party is told', () => {
  test('is what its row permits, and no more', async () => {
    const citizen = await activeCitizen(stack);
    const fieldsFor = async (attributes: string[]): Promise<string[]> => {
      const party = await registerParty(stack, { attributes });
      const { body } = await readIdentification(stack, party, await identified(stack, party, citizen));
      return Object.keys(body.attributes);
    };
    expect(await fieldsFor([])).toEqual([]);
    expect(await fieldsFor(['nif', 'an-attribute-of-later'])).toEqual(['nationalId']);
    expect(await fieldsFor(['email', 'registration_level'])).toEqual(['email', 'registrationLevel']);
    await stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data: { phone: null } });
    expect(await fieldsFor(['phone'])).toEqual([]);
  });

  test('knows the citizen by one subject in its sector, and by another in each other', async () => {
    const citizen = await activeCitizen(stack);
    const subjectFor = async (sector: string): Promise<string> => {
      const party = await registerParty(stack, { sector });
      return (await readIdentification(stack, party, await identified(stack, party, citizen))).body.subject;
    };
    const [one, same, other] = [await subjectFor('one'), await subjectFor('one'), await subjectFor('other')];
    expect([same === one, other === one]).toEqual([true, false]);
  });

  test('is told to no other party, for ten minutes, and not once it is voided', async () => {
    const citizen = await activeCitizen(stack);
    const [party, other] = [await registerParty(stack), await registerParty(stack)];
    const id = await identified(stack, party, citizen);
    const status = async (of = party, asked = id) => (await readIdentification(stack, of, asked)).status;
    const { at, expiresAt } = await stack.db.prisma.identification.findUniqueOrThrow({ where: { id } });
    expect(expiresAt.getTime() - at.getTime()).toBe(600_000);
    expect([await status(), await status(other), await status(party, 'x')]).toEqual([200, 404, 404]);
    await stack.db.prisma.identification.update({ where: { id }, data: { expiresAt: new Date() } });
    expect(await status()).toBe(404);
    await stack.db.prisma.identification.update({ where: { id }, data: { expiresAt, voidedAt: new Date() } });
    expect(await status()).toBe(404);
  });

  test('needs the key of the gateway, and counts against no address', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const id = await identified(stack, party, citizen);
    for (const headers of [{}, { 'X-Gateway-Key': 'x' }, { 'X-Front-End-Key': stack.frontEndKey }])
      expect(await readIdentification(stack, party, id, headers)).toMatchObject({
        status: 403,
        body: { code: 'gateway-only' },
      });
    const points = async () =>
      (
        await stack.db.prisma.limiterRow.aggregate({
          where: { key: { startsWith: 'requests:' } },
          _sum: { points: true },
        })
      )._sum.points;
    const address = { Forwarded: 'for=198.51.100.9', ...asGateway(stack) };
    const before = await points();
    await requestOnce(stack, 'GET', `/identifications/${id}?relyingParty=${party.id}`, { headers: address });
    expect(await points()).toBe(before);
  });
});
