import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { activeCitizen } from '../actors/citizen.ts';
import { type LogoutEndpoint, startLogoutEndpoint, verifyLogoutToken } from '../actors/logout-endpoint.ts';
import { identifyIn, redeem, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { newSession, reportUnrecognisedActivity } from '../actors/sessions.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';
import { decodePayloads } from '../secrecy/decode-payloads.ts';

let stack: Stack;
let gateway: GatewayInProcess;
let stopWorker: () => Promise<void>;
const endpoints: LogoutEndpoint[] = [];
beforeAll(async () => {
  stack = await startStack();
  gateway = await startGatewayInProcess(stack);
  stopWorker = await stack.startGatewayWorker(gateway.url);
});
afterAll(async () => {
  for (const endpoint of endpoints) endpoint.stop();
  await stopWorker();
  await gateway.stop();
  await stack.stop();
});

async function partyWithEndpoint(answer?: Parameters<typeof startLogoutEndpoint>[0]) {
  const endpoint = await startLogoutEndpoint(answer);
  endpoints.push(endpoint);
  const registration = { backchannelLogoutUri: endpoint.url };
  return { endpoint, party: await registerOidcParty(stack, gateway, { registration }) };
}

type Parties = readonly Awaited<ReturnType<typeof registerOidcParty>>[];

/** A citizen who has identified to parties, each of which has redeemed its code. */
async function identifiedTo(...parties: Parties) {
  const citizen = await activeCitizen(stack);
  const issued = [];
  for (const party of parties) {
    const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
    const claims = (await redeem(flow, flow.back)).claims();
    issued.push({ sub: claims?.sub ?? '', sid: claims?.['sid'] });
  }
  const notMe = async () => reportUnrecognisedActivity(stack, await newSession(stack, citizen));
  return { citizen, issued, notMe };
}

const noticeOf = (party: { readonly id: string }) =>
  stack.db.prisma.logoutNotice.findFirstOrThrow({ where: { relyingPartyId: party.id } });
const untilDelivered = (party: { readonly id: string }) =>
  until(
    () => noticeOf(party),
    ({ deliveredAt }) => deliveredAt !== null,
    20_000,
  );
const trailOf = ({ citizenId }: { readonly citizenId: string }) =>
  queryAsOwner<{ type: string; detail: object }>(
    stack,
    `SELECT type, detail FROM "AuditEvent" WHERE "citizenId" = $1 AND type LIKE 'logout-notice-%'`,
    [citizenId],
  );

test('«it was not me» tells the party, by a token that says which session is over', async () => {
  const { endpoint, party } = await partyWithEndpoint();
  const { citizen, issued, notMe } = await identifiedTo(party);
  await notMe();
  const { id } = await untilDelivered(party);
  expect(endpoint.tokens).toHaveLength(1);
  const { payload } = await verifyLogoutToken(party, endpoint.tokens[0] ?? '');
  expect(payload).toEqual({
    ...{ iss: `${gateway.url}/oidc`, aud: party.id, ...issued[0] },
    ...{ iat: expect.any(Number), exp: expect.any(Number), jti: expect.any(String) },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  });
  expect(await trailOf(citizen)).toEqual([
    { type: 'logout-notice-sent', detail: { relyingParty: party.id } },
  ]);

  const handle = stack.client.workflow.getHandle(`logout-notice/${id}`);
  expect((await handle.describe()).taskQueue).toBe('gateway');
  const history = textIn(await decodePayloads(stack.client, await handle.fetchHistory()));
  expect(history).toContain(id);
  for (const secret of [issued[0]?.sub, String(issued[0]?.sid), citizen.citizenId, party.id])
    expect(history).not.toContain(secret);
});

test('a party that answers 503 is told again', async () => {
  const { endpoint, party } = await partyWithEndpoint((nth) => (nth === 1 ? 503 : 204));
  const { notMe } = await identifiedTo(party);
  await notMe();
  await untilDelivered(party);
  const tokens = await Promise.all(endpoint.tokens.map((token) => verifyLogoutToken(party, token)));
  expect(new Set(tokens.map(({ payload }) => payload.jti)).size).toBe(2);
  const metrics = await gatewayMetrics();
  for (const outcome of ['failed', 'delivered'])
    expect(metrics).toContain(
      `clave_gateway_logout_notices_total{relying_party="${party.id}",outcome="${outcome}"} 1`,
    );
});

test('an endpoint that hangs keeps nobody waiting: neither the citizen, nor other parties', async () => {
  const dead = await partyWithEndpoint(() => undefined);
  const alive = await partyWithEndpoint();
  const { notMe } = await identifiedTo(dead.party, alive.party);
  expect((await notMe()).status).toBe(204);
  await untilDelivered(alive.party);
  await until(
    () => dead.endpoint.tokens.length,
    (count) => count > 0,
  );
  expect(await noticeOf(dead.party)).toMatchObject({ deliveredAt: null, failedAt: null });

  // After twelve hours the gateway still knows what a notice that is being tried needs, and nothing else.
  const ids = [[dead.party.id, alive.party.id]];
  await queryAsOwner(
    stack,
    `UPDATE "LogoutSubject" SET "expiresAt" = now() - interval '1 minute' WHERE "relyingPartyId" = ANY($1)`,
    ids,
  );
  await gateway.maintain();
  expect(
    await queryAsOwner(
      stack,
      'SELECT "relyingPartyId" FROM "LogoutSubject" WHERE "relyingPartyId" = ANY($1)',
      ids,
    ),
  ).toEqual([{ relyingPartyId: dead.party.id }]);
});

test('a party that takes no notices is done at once', async () => {
  const party = await registerOidcParty(stack, gateway);
  const { citizen, notMe } = await identifiedTo(party);
  await notMe();
  await untilDelivered(party);
  expect(await trailOf(citizen)).toEqual([]);
});

test('a code is worth nothing once its identification is void', async () => {
  const { party } = await partyWithEndpoint();
  const { citizen, notMe } = await identifiedTo();
  const flow = await identifyIn(stack, gateway, new PlainBrowser(), party, citizen);
  await notMe();
  await expect(redeem(flow, flow.back)).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('only who has the key of the gateway has a notice delivered', async () => {
  const { endpoint, party } = await partyWithEndpoint();
  const { notMe } = await identifiedTo(party);
  await notMe();
  const { id } = await untilDelivered(party);
  const ask = (noticeId: string, key?: string) =>
    fetch(`${gateway.url}/internal/logout-notices/${noticeId}`, {
      method: 'POST',
      headers: key === undefined ? {} : { 'X-Gateway-Key': key },
    });
  for (const key of [undefined, '', 'x'.repeat(48)]) expect((await ask(id, key)).status).toBe(404);
  expect((await ask('x', stack.gatewayKey)).status).toBe(404);
  expect(endpoint.tokens).toHaveLength(1);
  expect(await (await ask(id, stack.gatewayKey)).json()).toEqual({ kind: 'delivered' });
});

const gatewayMetrics = async () => (await fetch(`${gateway.url}/metrics`)).text();

/** Every text in a value, also in its bytes. */
function textIn(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.values(value).map(textIn).join(' ');
}
