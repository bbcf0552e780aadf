import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { certificateIdentification, certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { suspend } from '../actors/office.ts';
import {
  boundSession,
  identified,
  identify,
  readIdentification,
  registerParty,
  removeParty,
} from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { activity, newSession, reportUnrecognisedActivity } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Options = NonNullable<Parameters<typeof certificateToken>[2]>;
const tokenOf = ({ data }: Citizen, options: Options = {}): Promise<string> =>
  certificateToken(stack, data, { purpose: 'identification', ...options });
const by = { dnie: { profile: 'dnie' }, fnmt: { profile: 'fnmt-natural-person' } } as const;

describe('an identification by a certificate', () => {
  test('of a citizen reaches substantial, and high by the DNIe, under the subject of every means', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const byPassword = await readIdentification(stack, party, await identified(stack, party, citizen));
    for (const [options, level, means] of [
      [by.fnmt, 'substantial', 'certificate'],
      [by.dnie, 'high', 'dnie'],
    ] as const) {
      const done = await identify(stack, party, await tokenOf(citizen, options), { floor: level });
      expect(done).toMatchObject({ status: 201, body: { level, means } });
      const { body } = await readIdentification(stack, party, done.body.identificationId);
      expect(body).toEqual({ ...byPassword.body, level, means, at: expect.any(String) });
      const { subject, at } = body;
      expect(done.body).toMatchObject({ relyingParty: party.id, subject, at });
    }
    const { events } = (await activity(stack, await newSession(stack, citizen))).body;
    const told = events.filter(({ type }: { type: string }) => type === 'identified');
    expect(told.map(({ means }: { means: string }) => means)).toEqual(['dnie', 'certificate', 'password']);
  });

  test('of who is not registered, or suspended, tells what the certificate says, and is audited under a fingerprint', async () => {
    const party = await registerParty(stack);
    const suspended = await activeCitizen(stack);
    await suspend(stack, suspended);
    for (const person of [new Citizen(stack), suspended]) {
      const { data } = person;
      const { id: certificateId, token } = await certificateIdentification(stack, data, {
        purpose: 'identification',
      });
      const { body } = await identify(stack, party, token, { floor: 'high' });
      const told = await readIdentification(stack, party, body.identificationId);
      const { subject, at } = told.body;
      expect(body).toMatchObject({ relyingParty: party.id, subject, at });
      expect(told.body.attributes).toEqual({
        nationalId: data.nationalId,
        givenName: data['givenName'],
        firstSurname: data['firstSurname'],
        secondSurname: data['secondSurname'],
      });
      const where = { id: body.identificationId };
      const row = await stack.db.prisma.identification.findUniqueOrThrow({ where });
      expect([row.citizenId, row.sessionId, row.certificateId]).toEqual([null, null, certificateId]);
      const [event] = await queryAsOwner<{ detail: Record<string, string>; citizenId: string | null }>(
        stack,
        `SELECT detail, "citizenId" FROM "AuditEvent" WHERE id = $1`,
        [`${body.identificationId}/identified`],
      );
      expect(event?.citizenId).toBeNull();
      expect(event?.detail).toEqual({
        ...{ relyingParty: party.id, level: 'high', means: 'dnie' },
        person: expect.stringMatching(/^[\w-]+\.[\w-]{43}$/),
      });
      expect(JSON.stringify(event)).not.toContain(data.nationalId);
    }
  });

  test('is the same person before and after the registration', async () => {
    const [citizen, party] = [new Citizen(stack), await registerParty(stack)];
    const subject = async () => {
      const { body } = await identify(stack, party, await tokenOf(citizen));
      return (await readIdentification(stack, party, body.identificationId)).body;
    };
    const before = await subject();
    await citizen.register();
    const after = await subject();
    expect(after.subject).toBe(before.subject);
    expect([before.attributes.registrationLevel, after.attributes.registrationLevel]).toEqual([
      undefined,
      'advanced',
    ]);
  });

  test('below the floor, of another means, or without the registration that is asked for, uses nothing up', async () => {
    const [citizen, party] = [new Citizen(stack), await registerParty(stack)];
    const strict = await registerParty(stack, { registrationFloor: 'basic' });
    const passwords = await registerParty(stack, { means: ['password', 'password-sms'] });
    const token = await tokenOf(citizen, by.fnmt);
    const missing = async (of: typeof party, floor: 'low' | 'high' = 'low') =>
      (await identify(stack, of, token, { floor })).body;
    expect(await missing(party, 'high')).toMatchObject({
      ...{ code: 'level-not-reached', level: 'substantial', means: 'certificate', missing: ['level'] },
    });
    const unregistered = await missing(strict);
    expect(unregistered.missing).toEqual(['registration']);
    expect(unregistered).not.toHaveProperty('registration');
    expect((await missing(passwords)).missing).toEqual(['means']);
    await citizen.register();
    expect((await identify(stack, strict, token)).status).toBe(201);
  });

  test('is accepted where certificates are if it is the DNIe, and not the other way round', async () => {
    const citizen = new Citizen(stack);
    const certificates = await registerParty(stack, { floor: 'high', means: ['certificate'] });
    const cards = await registerParty(stack, { means: ['dnie'] });
    const dnie = await identify(stack, certificates, await tokenOf(citizen, by.dnie));
    const other = await identify(stack, cards, await tokenOf(citizen, by.fnmt));
    expect([dnie.status, other.body.missing]).toEqual([201, ['means']]);
  });

  test('is of one request: sixteen at once are one, repeated under its key the same, another gets nothing', async () => {
    const [citizen, party] = [new Citizen(stack), await registerParty(stack)];
    const token = await tokenOf(citizen);
    const statuses = (await Promise.all(Array.from({ length: 16 }, () => identify(stack, party, token)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([201, ...Array(15).fill(401)]);
    const other = await tokenOf(citizen);
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const send = () => identify(stack, party, other, { headers });
    const replies = await Promise.all(Array.from({ length: 16 }, send));
    expect(new Set(replies.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    await stack.db.prisma.idempotentRequest.updateMany({
      where: { createdAt: { gt: new Date(Date.now() - 60_000) } },
      data: { sealedAnswer: null, status: null },
    });
    expect(await send()).toMatchObject({ status: 201, body: replies[0]?.body });
    expect(await stack.db.prisma.identification.count({ where: { relyingPartyId: party.id } })).toBe(2);
    // Even if it was given back by a failure.
    await stack.db.prisma.certificateIdentification.updateMany({ data: { usedBy: null } });
    expect((await identify(stack, party, other)).status).toBe(401);
  });

  test('needs a token for that, the key of the gateway, and a party that is registered', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const act = await certificateToken(stack, citizen.data);
    expect((await identify(stack, party, act)).body.code).toBe('wrong-purpose');
    const token = await tokenOf(citizen);
    const body = { relyingParty: party.id, floor: 'low' };
    const keyless = await requestWithRetry(stack, 'POST', '/identifications', { body, token });
    expect(keyless.body.code).toBe('gateway-only');
    for (const path of ['/sessions/certificate', '/unsubscriptions'])
      expect((await requestWithRetry(stack, 'POST', path, { body: {}, token })).body.code).toBe(
        'wrong-purpose',
      );
    const bound = await boundSession(stack, party, citizen);
    await removeParty(stack, party);
    for (const each of [token, bound])
      expect((await identify(stack, party, each)).body.code).toBe('unknown-relying-party');
  });

  test.each<[string, (citizen: Citizen) => Promise<unknown>]>([
    ['a suspension', (citizen) => suspend(stack, citizen)],
    [
      'a report that it was not the citizen',
      async (citizen) => reportUnrecognisedActivity(stack, await newSession(stack, citizen)),
    ],
    [
      'an unsubscription by certificate',
      async ({ data }) =>
        requestWithRetry(stack, 'POST', '/unsubscriptions', {
          ...{ body: {}, token: await certificateToken(stack, data) },
        }),
    ],
  ])('of a citizen is voided by %s, and its party told', async (_name, end) => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const { identificationId } = (await identify(stack, party, await tokenOf(citizen))).body;
    await end(citizen);
    expect((await readIdentification(stack, party, identificationId)).status).toBe(404);
    expect(await stack.db.prisma.logoutNotice.count({ where: { identificationId } })).toBe(1);
  });
});
