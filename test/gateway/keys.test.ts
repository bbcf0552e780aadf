import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Pool } from 'pg';
import { loadKeys } from '../../gateway/keys/gateway-keys.ts';
import { openPool } from '../../platform/database-pool.ts';
import { createLog } from '../../platform/log.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

const dayMs = 86_400_000;
const startMs = Date.parse('2027-01-01T00:00:00Z');
const secretKey = (id: string) => ({ id, bytes: randomBytes(32) });

let database: TestDatabase;
let db: Pool;
const first = secretKey('k1');
beforeAll(async () => {
  database = await createTestDatabase();
  db = openPool(database.gatewayUrl, { statementTimeoutMs: 10_000 });
});
afterAll(async () => {
  await db.end();
  await database.drop();
});

const at = async (
  days: number,
  ...secretKeys: [ReturnType<typeof secretKey>, ...ReturnType<typeof secretKey>[]]
) => {
  const ring = new KeyRing(secretKeys.length > 0 ? secretKeys : [first]);
  const { keys } = await loadKeys({ db, ring, log: createLog('test', 'silent') }, startMs + days * dayMs);
  return keys.filter(({ alg }) => alg === 'ES256').map(({ kid }) => kid);
};
const load = (days: number) => at(days, first);

test('processes that make the first keys at once have the same; later ones are published, sign and go', async () => {
  const [one, ...others] = await Promise.all([load(0), load(0), load(0)]);
  expect(others).toEqual([one, one]);
  const [old] = one ?? [];
  expect(await load(86)).toEqual([old]);
  const published = await load(88);
  expect(published).toEqual([old, expect.not.stringMatching(String(old))]);
  const [, next] = published;
  expect(await load(89.9)).toEqual([old, next]);
  expect(await load(90.1)).toEqual([next, old]);
  expect(await load(119)).toEqual([next, old]);
  expect(await load(121)).toEqual([next]);
});

test('a secret key is changed while its keys sign on; without it they are replaced', async () => {
  const [signing] = await load(122);
  const second = secretKey('k2');
  expect(await at(122, second, first)).toEqual([signing]);
  const [replaced] = await at(122, second);
  expect(replaced).not.toBe(signing);
});

test('the private keys cannot be read from the table', async () => {
  const { rows } = await db.query<{ sealedPrivateKey: string }>('SELECT * FROM "GatewayKey"');
  for (const row of rows) expect(JSON.stringify(row)).not.toMatch(/"d":/);
});
