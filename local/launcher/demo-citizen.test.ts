import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Ask, demoCitizen } from './demo-citizen.ts';

interface Known {
  status: string;
  blocked: string[];
  phone: string;
}

/** An office that keeps its people in memory. */
function office() {
  const people = new Map<string, Known>();
  const ask: Ask = async (path, body) => {
    const { nationalId, phone } = body as { nationalId: string; phone: string };
    if (path === '/citizen-lookups') {
      const known = people.get(nationalId);
      return known ? { status: 200, json: known } : { status: 404, json: {} };
    }
    const shown = `•••••${phone.slice(-4)}`;
    if ([...people.values()].some((known) => known.phone === shown)) return { status: 409, json: {} };
    people.set(nationalId, { status: 'registered', blocked: [], phone: shown });
    return { status: 201, json: { activationCode: `CODE${people.size}` } };
  };
  return { people, ask };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clave-demo-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is the same at the next start while the code is unused', async () => {
  const { ask } = office();
  const first = await demoCitizen(ask, folder);
  expect(first).toMatchObject({ nationalId: '12345678Z', phone: '+34600000001', activationCode: 'CODE1' });
  expect(await demoCitizen(ask, folder)).toEqual(first);
  expect(statSync(join(folder, 'demo-citizen.json')).mode & 0o777).toBe(0o600);
});

test.each([
  ['activated', { status: 'active' }],
  ['blocked', { blocked: ['code'] }],
  ['given another phone', { phone: '•••••9999' }],
])('is the next one once the last was %s', async (_what, change) => {
  const { people, ask } = office();
  await demoCitizen(ask, folder);
  Object.assign(people.get('12345678Z') ?? {}, change);
  expect(await demoCitizen(ask, folder)).toMatchObject({ nationalId: '12345679S', phone: '+34600007920' });
});

test('passes over a phone that somebody else has', async () => {
  const { people, ask } = office();
  people.set('X2482300W', { status: 'active', blocked: [], phone: '•••••0001' });
  expect(await demoCitizen(ask, folder)).toMatchObject({ nationalId: '12345679S' });
});

test('is registered anew where the database is new', async () => {
  await demoCitizen(office().ask, folder);
  expect(await demoCitizen(office().ask, folder)).toMatchObject({
    nationalId: '12345678Z',
    activationCode: 'CODE1',
  });
});
