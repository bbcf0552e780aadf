import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { backUp } from '../../operations/backup/backup.ts';
import { readManifest, writeManifest } from '../../operations/backup/manifest.ts';
import { restore } from '../../operations/backup/restore.ts';
import { KeyRing } from '../../platform/secrets.ts';
import { tables } from '../../prisma/grants.ts';
import { activeCitizen, Citizen } from '../actors/citizen.ts';
import { goodPassword } from '../actors/credentials.ts';
import { signIn } from '../actors/sessions.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
let folder: string;
const emptyDatabases: TestDatabase[] = [];
let ring: KeyRing;

beforeAll(async () => {
  stack = await startStack({ own: true });
  ({ ring } = stack);
  folder = mkdtempSync(join(tmpdir(), 'clave-backup-'));
  const citizen = await activeCitizen(stack);
  // Characters that COPY escapes.
  await signIn(stack, citizen, goodPassword, { headers: { 'User-Agent': '\\N "\\t" \\\\. \t' } });
  await (await new Citizen(stack).register({ givenName: 'Núria', firstSurname: 'l’Ànec' })).startActivation();
  // Once every SMS is delivered, no row changes between the backup and the comparison.
  await until(
    () => stack.db.prisma.text.count({ where: { delivery: { not: 'delivered' } } }),
    (underWay) => underWay === 0,
  );
  await backUp(stack.database.ownerUrl, join(folder, 'whole'), ring);
});
afterAll(async () => {
  await stack.stop();
  await Promise.all(emptyDatabases.map((database) => database.drop()));
  rmSync(folder, { recursive: true, force: true });
});

const otherKey = (id: string) => new KeyRing([{ id, bytes: randomBytes(32) }]);

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  emptyDatabases.push(database);
  return database;
}

/** Every row of every table, as text. */
async function contentOf(url: string): Promise<Record<string, unknown[]>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const content: Record<string, unknown[]> = {};
  for (const table of tables) {
    const { rows } = await client.query(`SELECT row::text FROM "${table}" row ORDER BY 1`);
    content[table] = rows;
  }
  await client.end();
  return content;
}

describe('a backup', () => {
  test('restores every row as it was, except the sessions', async () => {
    const { ownerUrl } = await emptyDatabase();
    await restore(ownerUrl, join(folder, 'whole'), ring);
    const before = await contentOf(stack.database.ownerUrl);
    expect(before['AuditEvent']?.length).toBeGreaterThan(5);
    expect(before['Session']?.length).toBeGreaterThan(0);
    expect(await contentOf(ownerUrl)).toEqual({
      ...before,
      ...{ Session: [], DeskSession: [], StagedPassword: [], SmsRate: [] },
      ...{ OidcArtefact: [], LogoutSubject: [], GatewayKey: [] },
    });
  });

  test('names every table that there is', async () => {
    const client = new Client({ connectionString: stack.database.ownerUrl });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '\\_%'`,
    );
    await client.end();
    expect([...tables].sort()).toEqual(rows.map(({ name }) => name).sort());
  });

  test('is of one moment, whatever happens meanwhile', async () => {
    const busy = Array.from({ length: 6 }, () => activeCitizen(stack));
    const { rows } = await backUp(stack.database.ownerUrl, join(folder, 'busy'), ring);
    await Promise.all(busy);
    const { ownerUrl } = await emptyDatabase();
    // Without one snapshot, a foreign key would refer to a row that is missing.
    await restore(ownerUrl, join(folder, 'busy'), ring);
    expect((await contentOf(ownerUrl))['Citizen']).toHaveLength(rows['Citizen'] ?? -1);
  });

  test('can be read by its owner only', () => {
    for (const file of ['manifest.json', 'Citizen.copy', 'Password.copy'])
      expect(statSync(join(folder, 'whole', file)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'whole')).mode & 0o777).toBe(0o700);
  });

  test('is not made without the keys that it would be worth nothing without', async () => {
    const { ownerUrl } = stack.database;
    await expect(backUp(ownerUrl, join(folder, 'keyless'), otherKey('k2'))).rejects.toThrow(
      'CLAVE_SECRET_KEY lacks k1',
    );
    expect(existsSync(join(folder, 'keyless', 'manifest.json'))).toBe(false);
  });

  test('is not written over another', async () => {
    await expect(backUp(stack.database.ownerUrl, join(folder, 'whole'), ring)).rejects.toThrow(
      'is not empty',
    );
  });
});

describe('is not taken back', () => {
  test.each<[string, (into: TestDatabase) => Promise<unknown>, string]>([
    [
      'into a database that is not empty',
      () => restore(stack.database.ownerUrl, join(folder, 'whole'), ring),
      'the database is not empty',
    ],
    [
      'without the secret key of its passwords',
      ({ ownerUrl }) => restore(ownerUrl, join(folder, 'whole'), otherKey('k2')),
      'CLAVE_SECRET_KEY lacks k1',
    ],
    [
      'with another key of the same name',
      ({ ownerUrl }) => restore(ownerUrl, join(folder, 'whole'), otherKey('k1')),
      'was not made with k1 of CLAVE_SECRET_KEY',
    ],
    [
      'from a folder without one',
      ({ ownerUrl }) => restore(ownerUrl, join(folder, 'nothing'), ring),
      'holds no whole backup',
    ],
    [
      'into another version',
      async ({ ownerUrl }) => {
        const client = new Client({ connectionString: ownerUrl });
        await client.connect();
        await client.query(`UPDATE _prisma_migrations SET migration_name = 'another'
          WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)`);
        await client.end();
        return restore(ownerUrl, join(folder, 'whole'), ring);
      },
      'of another version',
    ],
    [
      'from before the first release',
      ({ ownerUrl }) => {
        cpSync(join(folder, 'whole'), join(folder, 'early'), { recursive: true });
        const manifest = readManifest(join(folder, 'early'), ring);
        rmSync(join(folder, 'early', 'manifest.json'));
        writeManifest(
          join(folder, 'early'),
          { ...manifest, migrations: manifest.migrations.slice(0, 2) },
          ring,
        );
        return restore(ownerUrl, join(folder, 'early'), ring);
      },
      'before the first release',
    ],
  ])('%s', async (_where, attempt, line) => {
    const database = await emptyDatabase();
    await expect(attempt(database)).rejects.toThrow(line);
    if (line !== 'the database is not empty')
      expect((await contentOf(database.ownerUrl))['Citizen']).toEqual([]);
  });

  test('in part: a table that is not whole leaves nothing behind', async () => {
    const file = (name: string) => join(folder, 'harmed', name);
    await backUp(stack.database.ownerUrl, join(folder, 'harmed'), ring);
    const passwords = readFileSync(file('Password.copy'), 'utf8');
    writeFileSync(file('Password.copy'), passwords.split('\n').slice(1).join('\n'));
    const { ownerUrl } = await emptyDatabase();
    const taken = () => restore(ownerUrl, join(folder, 'harmed'), ring);
    await expect(taken()).rejects.toThrow('Password is not as it was');
    writeFileSync(file('Password.copy'), `${passwords}no row\n`);
    await expect(taken()).rejects.toThrow();
    expect((await contentOf(ownerUrl))['Citizen']).toEqual([]);
  });

  test('with an officer added to it, nor with a manifest altered to fit', async () => {
    const file = (name: string) => join(folder, 'forged', name);
    await backUp(stack.database.ownerUrl, join(folder, 'forged'), ring);
    const officers = readFileSync(file('Officer.copy'), 'utf8').replace(/^[^\t]+/, randomUUID());
    writeFileSync(file('Officer.copy'), officers);
    const { ownerUrl } = await emptyDatabase();
    const taken = () => restore(ownerUrl, join(folder, 'forged'), ring);
    await expect(taken()).rejects.toThrow('Officer is not as it was');
    const sealed = JSON.parse(readFileSync(file('manifest.json'), 'utf8'));
    sealed.manifest.digests.Officer = createHash('sha256').update(officers).digest('hex');
    writeFileSync(file('manifest.json'), JSON.stringify(sealed));
    await expect(taken()).rejects.toThrow('was changed since');
    expect((await contentOf(ownerUrl))['Officer']).toEqual([]);
  });
});
