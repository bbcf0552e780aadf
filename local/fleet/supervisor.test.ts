import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type ServerProcess, startProcess } from '../servers/server-process.ts';
import { isAlive } from './process-identity.ts';
import { Supervisor } from './supervisor.ts';

const folder = mkdtempSync(join(tmpdir(), 'clave-supervisor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A part that runs this JavaScript; `started` are its processes, one after the other. */
function part(script: string) {
  const file = join(folder, `${Math.random()}.mjs`);
  writeFileSync(file, script);
  const started: ServerProcess[] = [];
  const start = async () => {
    const child = await startProcess({ command: process.execPath, args: [file], env: {}, ownGroup: true });
    started.push(child);
    return child;
  };
  return { name: 'thing', log: '/logs/thing.log', started, start };
}

const stays = 'setInterval(() => {}, 1000);';
const soon = { pauseMs: 5, maxDeaths: 3, withinMs: 60_000 };
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('a supervised process', () => {
  test('that is killed is started again, and says so', async () => {
    const lines: string[] = [];
    const thing = part(stays);
    const supervisor = new Supervisor(thing, (line) => lines.push(line), soon);
    await supervisor.start();
    process.kill(thing.started[0]?.pid ?? 0, 'SIGKILL');
    await until(() => thing.started.length === 2);
    expect(lines).toEqual(['thing died (SIGKILL) and is started again in 0.005 s; its log: /logs/thing.log']);
    await supervisor.stop();
    expect(thing.started.map(({ pid }) => isAlive(pid))).toEqual([false, false]);
  });

  test('that dies too often is given up in one line', async () => {
    const thing = part('process.exit(3);');
    const supervisor = new Supervisor(thing, () => undefined, soon);
    await supervisor.start();
    expect((await supervisor.failed).line).toBe(
      'thing died 3 times within 60 s (exit code 3), so everything stops; its log: /logs/thing.log',
    );
    expect(thing.started).toHaveLength(3);
    await supervisor.stop();
  });

  test('that is stopped is not started again, not even from the middle of a pause', async () => {
    const thing = part('process.exit(3);');
    const supervisor = new Supervisor(thing, () => undefined, { ...soon, pauseMs: 30_000 });
    const first = await supervisor.start();
    await first.exited;
    await supervisor.stop();
    expect(thing.started).toHaveLength(1);
  });

  test('whose first start fails says why', async () => {
    const failing = { ...part(stays), start: () => Promise.reject(new Error('no room')) };
    const supervisor = new Supervisor(failing, () => undefined, soon);
    await expect(supervisor.start()).rejects.toThrow('no room');
    await supervisor.stop();
  });
});

describe('a process that is stopped', () => {
  test('is killed when it does not listen', async () => {
    const child = await part(`process.on('SIGTERM', () => {}); ${stays} process.stdout.write('up');`).start();
    await until(() => child.output() === 'up');
    await child.stop('SIGTERM', 50);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(child.output()).toBe('up');
  });

  test('or whose starter is killed does not outlive it, unless it is meant to', async () => {
    const starter = (ownGroup: boolean) => `
      const { startProcess } = await import(${JSON.stringify(join(import.meta.dirname, '..', 'servers', 'server-process.ts'))});
      const args = ['-e', 'setInterval(() => {}, 1000)'];
      const child = await startProcess({ command: process.execPath, args, env: {}, ownGroup: ${ownGroup} });
      process.stdout.write(String(child.pid));
      process.kill(process.pid, 'SIGKILL');`;
    const pidFrom = (ownGroup: boolean) => {
      const args = ['--import', 'tsx', '--input-type=module', '-e', starter(ownGroup)];
      return Number(spawnSync(process.execPath, args, { encoding: 'utf8' }).stdout);
    };
    const mortal = pidFrom(false);
    await until(() => !isAlive(mortal));
    const survivor = pidFrom(true);
    expect(isAlive(survivor)).toBe(true);
    process.kill(survivor, 'SIGKILL');
  });

  test('that cannot be run at all is one line', async () => {
    const nothing = { command: '/nowhere/program', args: [], env: {}, ownGroup: false };
    await expect(startProcess(nothing)).rejects.toThrow('/nowhere/program cannot be run: spawn');
  });
});
