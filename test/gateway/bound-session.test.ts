import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { routes } from '../../api/routes.ts';
import { activeCitizen } from '../actors/citizen.ts';
import {
  asGateway,
  boundSession,
  identify,
  registerParty,
  signInFor,
  signInWithSmsFor,
} from '../actors/relying-parties.ts';
import { requestWithRetry } from '../actors/request.ts';
import { currentSession, newSession, signIn, signInSubstantial } from '../actors/sessions.ts';
import { goodBodies } from '../contract/samples.ts';
import { lockCitizen } from '../database/row-locks.ts';
import { requestOnce } from '../environment/http.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe('a session that is bound to a relying party', () => {
  test('opens nothing else, and can be signed out of', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const token = await boundSession(stack, party, citizen);
    const ofThePages = routes.filter(({ caller }) => caller === 'session' || caller === 'session-or-act');
    expect(ofThePages.length).toBeGreaterThanOrEqual(6);
    for (const { method, path } of ofThePages) {
      const body = goodBodies[path]?.();
      const reply = await requestOnce(stack, method.toUpperCase(), path, {
        token,
        body,
        headers: asGateway(stack),
      });
      expect([path, reply.status, reply.body.code]).toEqual([path, 403, 'wrong-purpose']);
    }
    const signOut = () => requestWithRetry(stack, 'DELETE', '/sessions/current', { token });
    expect([(await signOut()).status, (await signOut()).status]).toEqual([204, 401]);
    expect((await identify(stack, party, token)).status).toBe(401);
  });

  test('identifies to no other party, and a session of the pages to none', async () => {
    const citizen = await activeCitizen(stack);
    const [party, other] = [await registerParty(stack), await registerParty(stack)];
    const [bound, page] = [await boundSession(stack, party, citizen), await newSession(stack, citizen)];
    for (const [of, token] of [
      [other, bound],
      [party, page],
    ] as const)
      expect(await identify(stack, of, token)).toMatchObject({
        status: 403,
        body: { code: 'wrong-purpose' },
      });
    // Neither was used up.
    expect([
      (await currentSession(stack, page)).status,
      (await identify(stack, party, bound)).status,
    ]).toEqual([200, 201]);
  });

  test('is opened with the key of the gateway only, before a password is compared', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const body = { nationalId: citizen.data.nationalId, password: 'a-password', relyingParty: party.id };
    const hashed = stack.hashed();
    for (const headers of [
      {},
      { 'X-Gateway-Key': `${stack.gatewayKey}x` },
      { 'X-Front-End-Key': stack.frontEndKey },
    ])
      expect(await requestOnce(stack, 'POST', '/sessions', { body, headers })).toMatchObject({
        status: 403,
        body: { code: 'gateway-only' },
      });
    expect(stack.hashed()).toBe(hashed);
    const token = await boundSession(stack, party, citizen);
    const asked = { relyingParty: party.id, floor: 'low' };
    const keyless = await requestOnce(stack, 'POST', '/identifications', { body: asked, token });
    expect(keyless).toMatchObject({ status: 403, body: { code: 'gateway-only' } });
  });
});

describe('a sign-in for a relying party', () => {
  test('leaves that of the pages and that for another party alone, and ends the one before it for the same', async () => {
    const citizen = await activeCitizen(stack);
    const [party, other] = [await registerParty(stack), await registerParty(stack)];
    const page = await signInSubstantial(stack, citizen);
    const replaced = await signInWithSmsFor(stack, party, citizen);
    const current = await signInWithSmsFor(stack, party, citizen);
    const second = await signInWithSmsFor(stack, other, citizen);
    expect((await replaced.read()).body.journey.outcome).toBe('superseded');
    for (const journey of [page, current, second]) {
      const { body } = await journey.enterOtp(await journey.otp());
      expect(body.journey.outcome).toBe('signed-in');
      const bound = body.journey.session.token;
      expect((await currentSession(stack, bound)).status).toBe(journey === page ? 200 : 403);
    }
    const later = await signInWithSmsFor(stack, party, citizen);
    await signInSubstantial(stack, citizen);
    expect((await later.read()).body.journey.step).toBe('otp');
  });

  test('leaves the session of the pages open, and is shown the access before', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const { body } = await signIn(stack, citizen);
    const bound = await signInFor(stack, party, citizen);
    expect(bound.body.session.previousAccess).not.toBeNull();
    await identify(stack, party, bound.body.session.token);
    expect((await currentSession(stack, body.session.token)).status).toBe(200);
  });
});

describe('an identification that is asked for again', () => {
  test('under the same key is the same, also sixteen times at once, or if the reply was lost', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const token = await boundSession(stack, party, citizen);
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const send = () => identify(stack, party, token, { headers });
    const replies = await Promise.all(Array.from({ length: 16 }, send));
    expect(new Set(replies.map(({ status, body }) => `${status} ${JSON.stringify(body)}`)).size).toBe(1);
    expect(replies[0]?.status).toBe(201);
    await stack.db.prisma.idempotentRequest.updateMany({
      where: { status: 201, createdAt: { gt: new Date(Date.now() - 60_000) } },
      data: { sealedAnswer: null, status: null },
    });
    expect((await send()).body).toEqual(replies[0]?.body);
    const where = { citizenId: citizen.citizenId };
    expect(await stack.db.prisma.identification.count({ where })).toBe(1);
    expect((await identify(stack, party, token, { headers, floor: 'high' })).body.code).toBe(
      'idempotency-key-reused',
    );
  });

  test('without a key sixteen times at once is one, and the others have no session', async () => {
    const [citizen, party] = [await activeCitizen(stack), await registerParty(stack)];
    const token = await boundSession(stack, party, citizen);
    // Each is a request of its own: a repeated one has a key of its own.
    // Several are past the check of the session before the first ends it.
    const held = await lockCitizen(stack, citizen.citizenId);
    const asked = Promise.all(Array.from({ length: 16 }, () => identify(stack, party, token)));
    await held.untilWaitedFor(4).finally(() => held.release());
    const replies = await asked;
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(15).fill(401)]);
  });
});
