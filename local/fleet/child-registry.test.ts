import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { takeLock } from '../launcher/launcher-lock.ts';
import { ChildRegistry, stopOrphans } from './child-registry.ts';

const folder = mkdtempSync(join(tmpdir(), 'clave-children-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'children.json');

async function sleeper() {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('spawn', resolve));
  const gone = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  );
  return { pid: child.pid ?? 0, gone, child };
}

test('what a killed launcher has left is stopped', async () => {
  const left = await sleeper();
  new ChildRegistry(file).started('worker', left.pid);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await stopOrphans(file)).toEqual(['worker']);
  expect(await left.gone).toBe('SIGTERM');
  expect(await stopOrphans(file)).toEqual([]);
});

test('a stranger who has got the same process id since is left alone', async () => {
  const stranger = await sleeper();
  writeFileSync(file, JSON.stringify({ worker: { pid: stranger.pid, command: 'node worker/main.ts' } }));
  expect(await stopOrphans(file)).toEqual([]);
  expect(stranger.child.exitCode).toBeNull();
  stranger.child.kill();
});

test('one launcher at a time; a dead one holds nothing', () => {
  const lock = join(folder, 'lock');
  const release = takeLock(lock);
  expect(() => takeLock(lock)).toThrow(`Already running here (process ${process.pid})`);
  release();
  writeFileSync(lock, JSON.stringify({ pid: process.pid, command: 'another program' }));
  takeLock(lock)();
  expect(() => readFileSync(lock)).toThrow(/ENOENT/);
});
