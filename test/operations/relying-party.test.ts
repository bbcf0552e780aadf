import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PartyFileError, runCommand } from '../../operations/relying-party/commands.ts';
import { type Database, openDatabase } from '../../platform/database.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { runCommand as runScript } from '../environment/processes.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
let db: Database;
const folder = mkdtempSync(path.join(tmpdir(), 'clave-parties-'));
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase(database.ownerUrl, { connections: 1 });
});
afterAll(async () => {
  await db.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const good = {
  name: { es: 'Sede de Ejemplo', eu: 'Adibideko egoitza' },
  shortName: 'Sede de Ejemplo',
  organisation: 'Ayuntamiento de Ejemplo',
  dir3: 'L01280796',
  homeUrl: 'https://sede.example.org/',
  sector: 'ejemplo',
  protocol: 'oidc',
  floor: 'low',
  attributes: ['nif'],
  redirectUris: ['https://sede.example.org/back'],
  tokenEndpointAuthMethod: 'client_secret_basic',
};
const fileWith = (content: unknown): string => {
  const file = path.join(folder, `${randomUUID()}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const command = async (
  name: string,
  id?: string,
  options: { file?: string; month?: string; metadata?: string } = {},
) => runCommand(name, { registry: db.prisma, rules: { loopbackPermitted: false }, options, id });
const add = async (changes: object = {}) =>
  (await command('add', undefined, { file: fileWith({ ...good, ...changes }) })) as {
    clientId: string;
    clientSecret?: string;
  };
const digestOf = async (id: string) =>
  (await db.prisma.relyingParty.findUniqueOrThrow({ where: { id } })).secretDigest;

describe('a relying party that is added', () => {
  test('gets an opaque id, and a secret that is kept as a digest only', async () => {
    const { clientId, clientSecret = '' } = await add();
    expect(clientId).toMatch(/^rp_[\w-]{22}$/);
    expect(Buffer.from(clientSecret, 'base64url')).toHaveLength(32);
    const row = await db.prisma.relyingParty.findUniqueOrThrow({ where: { id: clientId } });
    expect(row.secretDigest).toBe(tokenDigest(clientSecret));
    expect(JSON.stringify(row)).not.toContain(clientSecret);
    const { redirectUris, tokenEndpointAuthMethod, name, ...columns } = good;
    expect(row).toMatchObject({ ...columns, name, oidc: { redirectUris, tokenEndpointAuthMethod } });
  });

  test('is shown and listed without the secret or its digest', async () => {
    const { clientId, clientSecret = '' } = await add();
    const shown = await command('show', clientId);
    expect(shown).toMatchObject({ clientId, shortName: good.shortName, redirectUris: good.redirectUris });
    const text = JSON.stringify([shown, await command('list')]);
    expect(text).toContain(clientId);
    for (const secret of [clientSecret, tokenDigest(clientSecret)]) expect(text).not.toContain(secret);
  });

  test('is not there after a file that is wrong', async () => {
    const before = await db.prisma.relyingParty.count();
    const refused = command('add', undefined, {
      file: fileWith({ ...good, floor: 'none', redirectUris: ['javascript:x'] }),
    });
    await expect(refused).rejects.toBeInstanceOf(PartyFileError);
    expect(await db.prisma.relyingParty.count()).toBe(before);
  });
});

describe('a change', () => {
  test('replaces what is registered, and keeps id, secret and sector', async () => {
    const { clientId, clientSecret = '' } = await add();
    const file = fileWith({
      ...good,
      floor: 'substantial',
      redirectUris: ['https://other.example.org/back'],
    });
    expect(await command('change', clientId, { file })).toEqual({ clientId });
    expect(await command('show', clientId)).toMatchObject({
      floor: 'substantial',
      redirectUris: ['https://other.example.org/back'],
    });
    expect(await digestOf(clientId)).toBe(tokenDigest(clientSecret));
    await expect(
      command('change', clientId, { file: fileWith({ ...good, sector: 'other' }) }),
    ).rejects.toThrow('sector: is ejemplo and never changes');
    expect(await command('show', clientId)).toMatchObject({ sector: 'ejemplo', floor: 'substantial' });
  });

  test('another secret makes the old one useless', async () => {
    const { clientId, clientSecret = '' } = await add();
    const rotated = (await command('rotate', clientId)) as { clientId: string; clientSecret: string };
    expect(rotated.clientId).toBe(clientId);
    expect(rotated.clientSecret).not.toBe(clientSecret);
    expect(await digestOf(clientId)).toBe(tokenDigest(rotated.clientSecret));
  });

  test('a removed one is known no more, keeps no secret, and stays in the list', async () => {
    const { clientId } = await add();
    expect(await command('remove', clientId)).toMatchObject({ clientId, removedAt: expect.any(Date) });
    expect(await digestOf(clientId)).toBeNull();
    expect(await command('list')).toContainEqual(
      expect.objectContaining({ clientId, removedAt: expect.any(Date) }),
    );
    const file = fileWith(good);
    for (const [name, options] of Object.entries({ show: {}, rotate: {}, remove: {}, change: { file } }))
      await expect(command(name, clientId, options)).rejects.toThrow(
        `there is no relying party "${clientId}"`,
      );
  });
});

test('the usage of a month counts requests, and knows nobody', async () => {
  const request = (startedAt: string, outcome: string | null, level: string | null) => ({
    ...{ id: randomUUID(), relyingPartyId: 'rp_usage', protocol: 'oidc', floor: 'low' },
    ...{ startedAt: new Date(startedAt), outcome, level, means: level && 'password' },
  });
  await db.prisma.identificationRequest.createMany({
    data: [
      request('2026-10-31T23:59:59.999Z', 'identified', 'low'),
      request('2026-11-01T00:00:00Z', 'identified', 'low'),
      request('2026-11-30T23:59:59.999Z', 'identified', 'low'),
      request('2026-11-15T12:00:00Z', 'cancelled', null),
      request('2026-11-15T12:00:00Z', null, null),
      request('2026-12-01T00:00:00Z', 'identified', 'low'),
    ],
  });
  const counted = { clientId: 'rp_usage', protocol: 'oidc', floor: 'low' };
  expect(await command('usage', undefined, { month: '2026-11' })).toEqual([
    { ...counted, outcome: 'cancelled', means: null, level: null, requests: 1 },
    { ...counted, outcome: 'identified', means: 'password', level: 'low', requests: 2 },
    { ...counted, outcome: 'under-way', means: null, level: null, requests: 1 },
  ]);
  await expect(command('usage', undefined, { month: '2026-13' })).rejects.toThrow('must be a month');
});

test.each([
  [
    'a file that is not there',
    () => command('add', undefined, { file: '/no/such/file' }),
    '--file: cannot be read',
  ],
  [
    'a file that is not JSON',
    () => command('add', undefined, { file: fileWith('{') }),
    '--file: is not JSON',
  ],
  [
    'a file beyond reason',
    () => command('add', undefined, { file: fileWith(' '.repeat(65_537)) }),
    'more than 65536 bytes',
  ],
  [
    'the metadata of a SAML party',
    () => command('add', undefined, { metadata: 'sp.xml' }),
    'SAML comes later',
  ],
])('%s is one line', async (_, run, line) => {
  const error: Error = await run().then(
    () => new Error('done'),
    (reason) => reason,
  );
  expect(error.message).toContain(line);
  expect(error.message).not.toContain('\n');
});

test.each([['add'], ['show'], ['rotate'], ['remove'], ['change'], ['usage'], ['toString'], ['']])(
  '%p without what it needs does nothing',
  async (name) => {
    expect(await command(name)).toBeFalsy();
  },
);

test('the command prints JSON, and for what is wrong lines without control characters and exit code 1', async () => {
  const urls = { DATABASE_OWNER_URL: database.ownerUrl, DATABASE_URL: database.appUrl };
  const settings = { ...urls, GATEWAY_URL: 'https://identifica.example.org' };
  const run = (...args: string[]) =>
    runScript({ environment: {} }, settings, 'operations/relying-party.ts', args);
  const added = await run('add', '--file', fileWith(good));
  expect(added.code).toBe(0);
  expect(JSON.parse(added.said)).toEqual({ clientId: expect.any(String), clientSecret: expect.any(String) });
  const wrong = await run('add', '--file', fileWith({ ...good, 'x\u001B[2J\n': 1, sector: '!' }));
  expect(wrong.code).toBe(1);
  expect(wrong.said.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/^sector: /),
    'x?[2J?: no such name',
  ]);
  expect((await run('nothing')).code).toBe(2);
});
