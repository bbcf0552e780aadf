import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../api/routes.ts';
import { certificateIdentification, certificateToken } from '../actors/certificate-holder.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword, otherPassword } from '../actors/credentials.ts';
import { expectStartedJourney } from '../actors/journey.ts';
import { suspend } from '../actors/office.ts';
import { identified, readIdentification, registerParty } from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import {
  activity,
  blockPassword,
  changePassword,
  currentSession,
  newSession,
  reportUnrecognisedActivity,
} from '../actors/sessions.ts';
import { goodBodies } from '../contract/samples.ts';
import { lockCitizen } from '../database/row-locks.ts';
import { queryAsOwner } from '../database/rows.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const open = (token: string, headers: Record<string, string> = {}) =>
  requestWithRetry(stack, 'POST', '/sessions/certificate', { body: {}, token, headers });
type Options = Parameters<typeof certificateToken>[2];
const opened = async ({ data }: Citizen, options: Options = {}): Promise<string> =>
  (await open(await certificateToken(stack, data, options))).body.session.token;

describe('a sign-in with a certificate', () => {
  test('opens a session without password, SMS or activation: substantial, and high by the DNIe', async () => {
    const citizen = await new Citizen(stack).register();
    const token = await certificateToken(stack, citizen.data, { profile: 'fnmt-natural-person' });
    const first = await open(token);
    expect(first).toMatchObject({
      status: 201,
      body: { session: { assurance: 'substantial', previousAccess: null } },
    });
    expect(first.body.session).not.toHaveProperty('browserToken');
    const second = await open(await certificateToken(stack, citizen.data, { profile: 'dnie' }));
    expect(second.body.session).toMatchObject({ assurance: 'high', previousAccess: expect.any(String) });
    const { body } = await currentSession(stack, first.body.session.token);
    expect(body.citizen).toMatchObject({ givenName: citizen.data['givenName'], phone: expect.any(String) });
    expect(body.citizen).not.toHaveProperty('passwordExpiresAt');
    await stack.db.prisma.citizen.update({ where: { id: citizen.citizenId }, data: { phone: null } });
    const phoneless = await currentSession(stack, first.body.session.token);
    expect(phoneless.body.citizen).not.toHaveProperty('phone');
    const trail = await queryAsOwner<{ detail: unknown }>(
      stack,
      `SELECT detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type = 'signed-in' ORDER BY at`,
      [citizen.citizenId],
    );
    expect(trail.map(({ detail }) => detail)).toEqual([
      { assurance: 'substantial', means: 'certificate' },
      { assurance: 'high', means: 'dnie' },
    ]);
    const { events } = (await activity(stack, first.body.session.token)).body;
    expect(
      events.flatMap(({ type, means }: Record<string, string>) => (type === 'signed-in' ? [means] : [])),
    ).toEqual(['dnie', 'certificate']);
  });

  test('uses the certificate up, once of sixteen at the same time, and is repeated under its key', async () => {
    const citizen = await new Citizen(stack).register();
    const token = await certificateToken(stack, citizen.data);
    const statuses = (await Promise.all(Array.from({ length: 16 }, () => open(token)))).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([201, ...Array(15).fill(401)]);
    const other = await certificateToken(stack, citizen.data);
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const [first, again] = [await open(other, headers), await open(other, headers)];
    expect([first.status, again.body]).toEqual([201, first.body]);
    expect((await open(other)).status).toBe(401);
  });

  test('is refused to who is not registered or suspended, which uses nothing up, and with a token for something else', async () => {
    const citizen = new Citizen(stack);
    const token = await certificateToken(stack, citizen.data);
    expect((await open(token)).body.code).toBe('not-registered');
    await citizen.register();
    await suspend(stack, citizen);
    expect(await open(token)).toMatchObject({ status: 409, body: { code: 'suspended' } });
    await citizen.register();
    expect((await open(token)).status).toBe(201);
    const bound = await certificateToken(stack, citizen.data, { purpose: 'identification' });
    expect(await open(bound)).toMatchObject({ status: 403, body: { code: 'wrong-purpose' } });
    const expired = await certificateToken(stack, citizen.data, { tokenExpiresAt: new Date() });
    expect((await open(expired)).status).toBe(401);
  });

  test('that waits for a suspension of the same moment opens nothing', async () => {
    const citizen = await new Citizen(stack).register();
    const token = await certificateToken(stack, citizen.data);
    const held = await lockCitizen(stack, citizen.citizenId);
    const suspended = suspend(stack, citizen);
    await held.untilWaitedFor(1);
    const asked = open(token);
    await held.untilWaitedFor(2).finally(() => held.release());
    await suspended;
    expect((await asked).body.code).toBe('suspended');
  });
});

describe('a session that a certificate opened', () => {
  test('opens no act: it reads, is extended, reports and signs out', async () => {
    const citizen = await activeCitizen(stack);
    const token = await opened(citizen);
    const acts = routes.filter(({ caller }) => caller === 'session-or-act');
    expect(acts.length).toBeGreaterThanOrEqual(2);
    for (const { path } of acts) {
      const reply = await requestOnce(stack, 'POST', path, { body: goodBodies[path]?.(), token });
      expect([path, reply.status, reply.body.code]).toEqual([path, 403, 'wrong-purpose']);
    }
    const extended = await requestWithRetry(stack, 'POST', '/sessions/current/extension', { token });
    expect([
      (await currentSession(stack, token)).status,
      (await activity(stack, token)).status,
      extended.status,
    ]).toEqual([200, 200, 200]);
    expect((await requestWithRetry(stack, 'DELETE', '/sessions/current', { token })).status).toBe(204);
    expect((await currentSession(stack, token)).status).toBe(401);
  });

  test('ends with the certificate’s validity', async () => {
    const citizen = await new Citizen(stack).register();
    const notAfter = new Date(Date.now() + 600_000);
    const { id, token } = await certificateIdentification(stack, citizen.data, { notAfter });
    const { session } = (await open(token)).body;
    expect(session.expiresAt).toBe(notAfter.toISOString());
    await stack.db.prisma.certificateIdentification.update({ where: { id }, data: { notAfter: new Date() } });
    expect((await currentSession(stack, session.token)).status).toBe(401);
  });

  const endings: Record<string, (citizen: Citizen) => Promise<unknown>> = {
    'a suspension': (citizen) => suspend(stack, citizen),
    'a registration act': (citizen) => citizen.register(),
    'a reset of the password': (citizen) => citizen.activateOrReset(otherPassword),
    'a change of the password': async (citizen) => {
      const session = await newSession(stack, citizen);
      const journey = await expectStartedJourney(
        stack,
        changePassword(stack, session, goodPassword, otherPassword),
      );
      await journey.enterOtp(await journey.otp());
    },
    'a change of the password by certificate': async ({ data }) => {
      const token = await certificateToken(stack, data);
      const body = { newPassword: otherPassword };
      await requestWithRetry(stack, 'POST', '/password-changes', { body, token });
    },
    'a block of the password': (citizen) => blockPassword(stack, citizen),
    'a report that it was not the citizen': async (citizen) =>
      reportUnrecognisedActivity(stack, await opened(citizen)),
  };
  test.each(Object.keys(endings))('is over after %s', async (name) => {
    const citizen = await activeCitizen(stack);
    const token = await opened(citizen);
    await endings[name]?.(citizen);
    expect((await currentSession(stack, token)).status).toBe(401);
  });

  test('reports that it was not the citizen, without a password too', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const id = await identified(stack, party, citizen);
    expect((await reportUnrecognisedActivity(stack, await opened(citizen))).status).toBe(204);
    expect((await readIdentification(stack, party, id)).status).toBe(404);
    const where = { citizenId: citizen.citizenId };
    expect((await stack.db.prisma.password.findUniqueOrThrow({ where })).blockedAt).not.toBeNull();
    const inactive = await new Citizen(stack).register();
    const [one, other] = [await opened(inactive), await opened(inactive)];
    expect((await reportUnrecognisedActivity(stack, one)).status).toBe(204);
    expect((await currentSession(stack, other)).status).toBe(401);
  });
});
