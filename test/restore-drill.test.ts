import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase } from '../platform/database.ts';
import { goodPassword, otherPassword, Person } from './support/front-end.ts';
import { createTestDatabase, type TestDatabase } from './support/parts.ts';
import { runApi, runWorker } from './support/processes.ts';
import { activePerson, signIn } from './support/signed-in.ts';
import { type Stack, startStack } from './support/stack.ts';

let stack: Stack;
let restored: TestDatabase;
const folder = mkdtempSync(join(tmpdir(), 'clave-drill-'));
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startStack();
  restored = await createTestDatabase();
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
  await stack.stop();
  await restored.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** One of the commands, as an operator gives it: its exit code, and what it said. */
function command(
  script: string,
  args: readonly string[],
  { ownerUrl, appUrl }: TestDatabase,
): Promise<{ code: number; said: string }> {
  const env = {
    ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], LOG_LEVEL: 'silent' },
    ...stack.environment,
    ...{ DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', script, ...args], { env }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, said: out + err }),
    );
  });
}

test('a backup is restored, what differs is mended, and people are let in again', async () => {
  // As of the backup: two with a password. Since then one has another, and somebody has come.
  const [changed, same] = [await activePerson(stack), await activePerson(stack)];
  const backedUp = await command(
    'prisma/backup-cli.ts',
    ['backup', '--to', join(folder, 'it')],
    stack.database,
  );
  expect([backedUp.code, backedUp.said]).toEqual([0, expect.stringMatching(/^2 citizens, /)]);
  await changed.setPassword(otherPassword);
  const come = await activePerson(stack);
  await stack.stopWorkers();

  // PostgreSQL is lost. Let nobody in, restore, start workers.
  const back = await command('prisma/backup-cli.ts', ['restore', '--from', join(folder, 'it')], restored);
  expect([back.code, back.said]).toEqual([0, expect.stringMatching(/^2 citizens, /)]);
  const settings = { DATABASE_URL: restored.appUrl };
  const worker = runWorker(stack, settings);
  ends.push(() => worker.stop());

  const reconcile = (...args: string[]) => command('api/reconcile-cli.ts', args, restored);
  expect(await reconcile('--at-once', 'all')).toMatchObject({ code: 2 });
  const looked = await reconcile('--at-once', '2');
  expect([looked.code, looked.said]).toEqual([
    1,
    expect.stringContaining(`${changed.citizenId}  another-password`),
  ]);
  expect(looked.said).toContain(`${come.citizenId}  unknown-to-postgres`);
  expect(looked.said).toContain('2 disagreements, 0 mended, 2 left');
  // Without the word that this is a restore nobody's workflow is ended.
  expect(await reconcile('--mend')).toMatchObject({ code: 1 });
  expect((await reconcile()).said).toContain(`${come.citizenId}  unknown-to-postgres`);
  expect(await reconcile('--mend', '--after-restore')).toMatchObject({ code: 0 });
  expect(await reconcile()).toEqual({ code: 0, said: '0 disagreements, 0 mended, 0 left\n' });

  const { officeKey, frontEndKey, phone } = stack;
  const api = await runApi(stack, { ...settings, OFFICE_API_KEY: officeKey, FRONT_END_KEY: frontEndKey });
  ends.push(() => api.stop());
  const db = openDatabase(restored.appUrl);
  ends.push(() => db.close());
  const at = { url: api.url, phone, officeKey, db };
  expect((await signIn(at, same)).status).toBe(201);
  for (const password of [goodPassword, otherPassword])
    expect((await signIn(at, changed, password)).status).toBe(401);
  const resets = Object.assign(new Person(at, changed.data), { activationCode: changed.activationCode });
  expect((await resets.setPassword('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
  expect((await signIn(at, changed, 'Sopla-Viento9')).status).toBe(201);
  expect((await signIn(at, come)).status).toBe(401);
  const anew = new Person(at, come.data);
  expect((await (await anew.register()).setPassword()).body.journey.outcome).toBe('activated');
});
