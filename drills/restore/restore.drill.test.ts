import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openDatabase } from '../../platform/database.ts';
import { activeCitizen, Citizen } from '../../test/actors/citizen.ts';
import { goodPassword, otherPassword } from '../../test/actors/credentials.ts';
import { signIn } from '../../test/actors/sessions.ts';
import { runApi, runCommand, runWorker } from '../../test/environment/processes.ts';
import { startStack } from '../../test/environment/stack.ts';
import { createTestDatabase, type TestDatabase } from '../../test/environment/test-database.ts';
import { until } from '../../test/environment/waiting.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

test('a backup is restored, what differs is mended, and people are let in again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clave-drill-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const restored = await createTestDatabase();
  ends.push(() => restored.drop());
  const stack = await startStack({ own: true });
  ends.push(() => stack.stop());
  const settings = { DATABASE_URL: restored.appUrl };
  const backup = ({ appUrl, ownerUrl }: TestDatabase, ...args: string[]) =>
    runCommand(stack, { DATABASE_URL: appUrl, DATABASE_OWNER_URL: ownerUrl }, 'operations/backup.ts', args);
  const reconcile = (...args: string[]) => runCommand(stack, settings, 'operations/reconcile.ts', args);

  // As of the backup: two with a password. Since then one has changed it, and one more has registered.
  const [changed, same] = [await activeCitizen(stack), await activeCitizen(stack)];
  const backedUp = await backup(stack.database, 'backup', '--to', join(folder, 'it'));
  expect([backedUp.code, backedUp.said]).toEqual([0, expect.stringMatching(/^2 citizens, /)]);
  await changed.activateOrReset(otherPassword);
  const come = await activeCitizen(stack);
  await stack.stopWorkers();
  const answers = () => stack.readiness.state.worker;
  await until(answers, (does) => !does);

  // PostgreSQL is lost. The API stays stopped; restore, start workers.
  const back = await backup(restored, 'restore', '--from', join(folder, 'it'));
  expect([back.code, back.said]).toEqual([0, expect.stringMatching(/^2 citizens, /)]);
  const worker = runWorker(stack, settings);
  ends.push(() => worker.stop());
  await until(answers, Boolean, 60_000);

  expect(await reconcile('--at-once', 'all')).toMatchObject({ code: 2 });
  const looked = await reconcile('--at-once', '2');
  expect([looked.code, looked.said]).toEqual([
    1,
    expect.stringContaining(`${changed.citizenId}  another-password`),
  ]);
  expect(looked.said).toContain(`${come.citizenId}  unknown-to-postgres`);
  expect(looked.said).toContain('2 disagreements, 0 mended, 2 left');
  // Without the option that confirms a restore, no workflow is ended.
  const inHealth = await reconcile('--mend');
  expect([inHealth.code, inHealth.said]).toEqual([
    1,
    expect.stringContaining(`${come.citizenId}  unknown-to-postgres  what helps`),
  ]);
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
  const resets = Object.assign(new Citizen(at, changed.data), { activationCode: changed.activationCode });
  expect((await resets.activateOrReset('Sopla-Viento9')).body.journey.outcome).toBe('password-set');
  expect((await signIn(at, changed, 'Sopla-Viento9')).status).toBe(201);
  expect((await signIn(at, come)).status).toBe(401);
  const anew = new Citizen(at, come.data);
  expect((await (await anew.register()).activateOrReset()).body.journey.outcome).toBe('activated');
}, 300_000);
