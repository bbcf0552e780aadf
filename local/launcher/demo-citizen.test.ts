import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createApiClient } from '../../client/client.ts';
import { demoCitizen } from './demo-citizen.ts';

interface Known {
  status: string;
  blocked: string[];
  phone: string;
}

/** A client of an API that keeps its citizens in memory. */
function office() {
  const people = new Map<string, Known>();
  const answer = (path: string, { nationalId, phone }: { nationalId: string; phone: string }) => {
    if (path === '/api/v1/citizen-lookups') {
      const known = people.get(nationalId);
      return known ? Response.json(known) : Response.json({}, { status: 404 });
    }
    const shown = `•••••${phone.slice(-4)}`;
    if ([...people.values()].some((known) => known.phone === shown))
      return Response.json({}, { status: 409 });
    people.set(nationalId, { status: 'registered', blocked: [], phone: shown });
    return Response.json({ activationCode: `CODE${people.size}` }, { status: 201 });
  };
  const officer = createApiClient({
    url: 'http://office.example',
    transport: async (request) =>
      answer(new URL(request.url).pathname, (await request.json()) as { nationalId: string; phone: string }),
  });
  return { people, officer };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clave-demo-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('is the same at the next start while the code is unused', async () => {
  const { officer } = office();
  const first = await demoCitizen(officer, folder);
  expect(first).toMatchObject({ nationalId: '12345678Z', phone: '+34600000001', activationCode: 'CODE1' });
  expect(await demoCitizen(officer, folder)).toEqual(first);
  expect(statSync(join(folder, 'demo-citizen.json')).mode & 0o777).toBe(0o600);
});

test.each([
  ['activated', { status: 'active' }],
  ['blocked', { blocked: ['code'] }],
  ['given another phone', { phone: '•••••9999' }],
])('is the next one once the last was %s', async (_what, change) => {
  const { people, officer } = office();
  await demoCitizen(officer, folder);
  Object.assign(people.get('12345678Z') ?? {}, change);
  expect(await demoCitizen(officer, folder)).toMatchObject({
    nationalId: '12345679S',
    phone: '+34600007920',
  });
});

test('skips a phone that another citizen has', async () => {
  const { people, officer } = office();
  people.set('X2482300W', { status: 'active', blocked: [], phone: '•••••0001' });
  expect(await demoCitizen(officer, folder)).toMatchObject({ nationalId: '12345679S' });
});

test('is registered anew where the database is new', async () => {
  await demoCitizen(office().officer, folder);
  expect(await demoCitizen(office().officer, folder)).toMatchObject({
    nationalId: '12345678Z',
    activationCode: 'CODE1',
  });
});
