import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, type Pool, type QueryConfig } from 'pg';
import { failures } from '../../gateway/flow/identification-request.ts';
import { endAbandoned, requestRowId } from '../../gateway/flow/request-log.ts';
import { removeExpiredSubjects } from '../../gateway/logout/logout-subjects.ts';
import { openPool } from '../../platform/database-pool.ts';
import { authorizationRequest, begin, type OidcParty, registerOidcParty } from '../actors/oidc-party.ts';
import { PlainBrowser } from '../actors/plain-browser.ts';
import { queryAsOwner } from '../database/rows.ts';
import { type GatewayInProcess, startGatewayInProcess } from '../environment/gateway-in-process.ts';
import { type Stack, startStack } from '../environment/stack.ts';

let stack: Stack;
let gateway: GatewayInProcess;
let party: OidcParty;
let pool: Pool;
beforeAll(async () => {
  stack = await startStack();
  pool = openPool(stack.database.gatewayUrl, { connections: 1, statementTimeoutMs: 10_000 });
  gateway = await startGatewayInProcess(stack);
  party = await registerOidcParty(stack, gateway);
});
afterAll(async () => {
  await pool?.end();
  await gateway?.stop();
  await stack?.stop();
});

const rowOf = async (id: string) =>
  (
    await queryAsOwner(stack, 'SELECT * FROM "IdentificationRequest" WHERE id = $1::uuid', [requestRowId(id)])
  )[0];

/** The value of a metric with these labels; 0 if it has never been counted. */
async function count(metric: string, labels: Record<string, string>): Promise<number> {
  const lines = (await (await fetch(`${gateway.url}/metrics`)).text()).split('\n');
  const line = lines.find(
    (each) =>
      each.startsWith(`${metric}{`) &&
      Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
  );
  return Number(line?.split(' ').at(-1) ?? 0);
}
const ended = (outcome: string) =>
  count('clave_gateway_identifications_total', { relying_party: party.id, outcome });
const started = () =>
  count('clave_gateway_requests_total', { relying_party: party.id, protocol: 'oidc', floor: 'low' });

test.each(failures)(
  'a request that ends as %s leaves a row and is counted once, and names nobody',
  async (failure) => {
    const browser = new PlainBrowser();
    const [startedBefore, endedBefore] = [await started(), await ended(failure)];
    const { id } = await begin(browser, party);
    expect(await rowOf(id)).toMatchObject({ relyingPartyId: party.id, floor: 'low', outcome: null });
    // Twice: a double click.
    const end = () => browser.post(`${gateway.url}/identify/${id}/fail`, { failure });
    await Promise.all([end(), end()]);
    expect(await rowOf(id)).toMatchObject({ outcome: failure, level: null, means: null });
    expect([await started(), await ended(failure)]).toEqual([startedBefore + 1, endedBefore + 1]);
  },
);

test('one that the citizen has given up is written as timed out, once it can be finished no more', async () => {
  const [{ id: givenUp }, { id: underWay }] = [
    await begin(new PlainBrowser(), party),
    await begin(new PlainBrowser(), party),
  ];
  const before = await ended('timed-out');
  await queryAsOwner(
    stack,
    `UPDATE "IdentificationRequest" SET "startedAt" = now() - interval '36 minutes' WHERE id = $1::uuid`,
    [requestRowId(givenUp)],
  );
  await gateway.maintain();
  await gateway.maintain();
  expect(await rowOf(givenUp)).toMatchObject({ outcome: 'timed-out' });
  expect(await rowOf(underWay)).toMatchObject({ outcome: null });
  expect(await ended('timed-out')).toBe(before + 1);
});

/** The gateway's role, and how many rows each of its statements has changed. */
function recording(): { db: Pick<Pool, 'query'>; sizes: (number | null)[] } {
  const sizes: (number | null)[] = [];
  const query = async (statement: QueryConfig) => {
    const result = await pool.query(statement);
    sizes.push(result.rowCount);
    return result;
  };
  return { db: { query } as unknown as Pool, sizes };
}

const manyRows = 1_001;
const giveUp = (count: number) =>
  queryAsOwner<{ id: string }>(
    stack,
    `INSERT INTO "IdentificationRequest" (id, "relyingPartyId", protocol, floor, "startedAt")
     SELECT gen_random_uuid(), $1, 'oidc', 'low', now() - interval '1 hour' FROM generate_series(1, $2) RETURNING id`,
    [party.id, count],
  );
const underWay = async () =>
  (
    await queryAsOwner<{ id: string }>(
      stack,
      `SELECT id FROM "IdentificationRequest"
       WHERE "relyingPartyId" = $1 AND outcome IS NULL AND "startedAt" < now() - interval '35 minutes'`,
      [party.id],
    )
  ).map(({ id }) => id);

test('of more than a batch all are written, and none waits for one that is locked', async () => {
  const [locked] = await giveUp(manyRows);
  const other = new Client({ connectionString: stack.database.ownerUrl });
  await other.connect();
  try {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM "IdentificationRequest" WHERE id = $1 FOR UPDATE', [locked?.id]);
    await giveUp(1);
    const { db, sizes } = recording();
    await endAbandoned(db, 'oidc', () => undefined);
    expect(sizes).toEqual([1_000, 1]);
    expect(await underWay()).toEqual([locked?.id]);
  } finally {
    await other.end();
  }
});

test('of subjects of logouts more than a batch is removed', async () => {
  await queryAsOwner(
    stack,
    `INSERT INTO "LogoutSubject" ("identificationId", "relyingPartyId", subject, sid, "expiresAt")
     SELECT gen_random_uuid(), $1, 'subject', 'sid', now() - interval '1 minute' FROM generate_series(1, $2)`,
    [party.id, manyRows],
  );
  const { db, sizes } = recording();
  await removeExpiredSubjects(db);
  expect(sizes).toEqual([1_000, 1]);
  expect(
    await queryAsOwner(stack, 'SELECT 1 FROM "LogoutSubject" WHERE "relyingPartyId" = $1', [party.id]),
  ).toEqual([]);
});

test('a step of the upkeep that fails keeps no other from being done', async () => {
  const role = new URL(stack.database.gatewayUrl).username;
  await giveUp(1);
  await queryAsOwner(stack, `REVOKE DELETE ON "OidcArtefact" FROM "${role}"`);
  try {
    await expect(gateway.maintain()).rejects.toMatchObject({ code: '42501' });
  } finally {
    await queryAsOwner(stack, `GRANT DELETE ON "OidcArtefact" TO "${role}"`);
  }
  expect(await underWay()).toEqual([]);
});

test('errors are counted by the parties of the registry, and by nothing that a client makes up', async () => {
  const response = await fetch(`${gateway.url}/oidc/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(`${party.id}:wrong`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x' }),
  });
  expect(response.status).toBe(401);
  const { address } = await authorizationRequest(party);
  address.searchParams.set('client_id', 'made-up');
  await new PlainBrowser().get(address);
  const code = 'invalid_client';
  expect(await count('clave_gateway_errors_total', { relying_party: party.id, route: 'token', code })).toBe(
    1,
  );
  expect(await count('clave_gateway_errors_total', { relying_party: '', route: 'authorization', code })).toBe(
    1,
  );
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.toContain('made-up');
});
