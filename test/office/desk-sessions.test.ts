import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addOfficer, revokeOfficer } from '../../api/office/officers.ts';
import { before } from '../../domain/durations.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { activeCitizen } from '../actors/citizen.ts';
import { newPersonalData } from '../actors/personal-data.ts';
import { requestWithRetry } from '../actors/request.ts';
import { newSession } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type HttpReply, requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const newOfficer = () => addOfficer(stack.db, { name: 'Leire Agirre', office: 'Bilbao' });
const open = (token: string, headers: Record<string, string> = {}): Promise<HttpReply> =>
  requestWithRetry(stack, 'POST', '/desk-sessions', { body: {}, token, headers });
const read = (token: string): Promise<HttpReply> =>
  requestWithRetry(stack, 'GET', '/desk-sessions/current', { token });
const close = (token: string): Promise<HttpReply> =>
  requestOnce(stack, 'DELETE', '/desk-sessions/current', { token });
const lookUpAs = async (token: string): Promise<number> => {
  const body = { nationalId: newPersonalData().nationalId };
  return (await requestWithRetry(stack, 'POST', '/citizen-lookups', { body, token })).status;
};
const rowOf = (token: string) => ({ where: { tokenDigest: tokenDigest(token) } });

describe('a desk session', () => {
  test('is opened with the officer’s key, and its token is the officer’s wherever the key is, but to open another', async () => {
    const officer = await newOfficer();
    const { status, body } = await open(officer.key);
    expect([status, body]).toEqual([
      201,
      {
        officer: { id: officer.id, name: 'Leire Agirre', office: 'Bilbao' },
        token: expect.stringMatching(/^[\w-]{43}$/),
        ...{ expiresAt: expect.any(String), idleAt: expect.any(String) },
      },
    ]);
    const { token, ...session } = body;
    expect(Date.parse(session.expiresAt) - Date.parse(session.idleAt)).toBe((9 * 60 - 15) * 60_000);
    const current = await read(token);
    expect([current.status, current.body.officer]).toEqual([200, session.officer]);
    expect(await lookUpAs(token)).toBe(404);
    expect((await open(token)).status).toBe(401);
    expect((await read(officer.key)).status).toBe(401);
    const citizensToken = await newSession(stack, await activeCitizen(stack));
    for (const other of [citizensToken, 'nobody', officer.id]) {
      expect((await open(other)).status).toBe(401);
      expect((await read(other)).status).toBe(401);
    }
    const types = await queryAsOwner<{ type: string }>(
      stack,
      'SELECT type FROM "AuditEvent" WHERE "officerId" = $1 ORDER BY at',
      [officer.id],
    );
    expect(types.map(({ type }) => type)).toEqual(['desk-session-opened', 'call-refused']);
  });

  test('is kept as a digest, and repeated under its Idempotency-Key it is the same', async () => {
    const officer = await newOfficer();
    const headers = { 'Idempotency-Key': officer.id };
    const [first, second] = await Promise.all([open(officer.key, headers), open(officer.key, headers)]);
    expect(second?.body).toEqual(first?.body);
    const rows = await stack.db.prisma.deskSession.findMany({ where: { officerId: officer.id } });
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(first?.body.token);
    expect(JSON.stringify(rows)).not.toContain(officer.key);
  });

  test('is over at once when the officer signs out, and nowhere prolonged', async () => {
    const { key } = await newOfficer();
    const [{ body: one }, { body: other }] = [await open(key), await open(key)];
    expect((await close(one.token)).status).toBe(204);
    expect([(await read(one.token)).status, await lookUpAs(one.token)]).toEqual([401, 401]);
    expect((await close(one.token)).status).toBe(401);
    expect((await read(other.token)).status).toBe(200);
  });

  test('ends unused after a quarter of an hour, and used after nine hours', async () => {
    const { key } = await newOfficer();
    const { token } = (await open(key)).body;
    const unusedFor = (duration: string) =>
      stack.db.prisma.deskSession.update({
        ...rowOf(token),
        data: { lastUsedAt: new Date(before(Date.now(), duration)) },
      });
    await unusedFor('PT14M');
    expect(await lookUpAs(token)).toBe(404);
    // That use restarted the limit.
    expect(Date.parse((await read(token)).body.idleAt)).toBeGreaterThan(Date.now() + 14 * 60_000);
    await unusedFor('PT15M');
    expect([(await read(token)).status, await lookUpAs(token)]).toEqual([401, 401]);

    const { token: used } = (await open(key)).body;
    const endsAt = new Date(Date.now() + 60_000);
    await stack.db.prisma.deskSession.update({ ...rowOf(used), data: { endsAt } });
    const { expiresAt, idleAt } = (await read(used)).body;
    expect([expiresAt, idleAt]).toEqual([endsAt.toISOString(), endsAt.toISOString()]);
    await stack.db.prisma.deskSession.update({ ...rowOf(used), data: { endsAt: new Date() } });
    expect([(await read(used)).status, await lookUpAs(used)]).toEqual([401, 401]);
  });

  test('ends with the key that opened it: revoked, or replaced by another', async () => {
    const officer = await newOfficer();
    const { token } = (await open(officer.key)).body;
    const where = { id: officer.id };
    await stack.db.prisma.officer.update({ where, data: { keyDigest: tokenDigest(`${officer.key}x`) } });
    expect([(await read(token)).status, await lookUpAs(token)]).toEqual([401, 401]);
    await stack.db.prisma.officer.update({ where, data: { keyDigest: tokenDigest(officer.key) } });
    expect((await read(token)).status).toBe(200);
    await revokeOfficer(stack.db, officer.id);
    expect([(await read(token)).status, await lookUpAs(token)]).toEqual([401, 401]);
  });
});
