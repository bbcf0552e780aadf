import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './postgres-server.ts';

// A space and an accent: sockets, shells and programs all stumble over them.
const folder = mkdtempSync(join(tmpdir(), 'clave postgrés '));
chmodSync(folder, 0o755); // as root, PostgreSQL runs under another account
const started: PostgresServer[] = [];

afterAll(async () => {
  await Promise.all(started.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, port = 0): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir: join(folder, name), port });
  started.push(server);
  return server;
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const lineOf = async (starting: Promise<unknown>): Promise<string> => {
  const error = await starting.then(
    () => new Error('it started'),
    (reason: Error) => reason,
  );
  expect(error.name).toBe('LocalServerError');
  expect(error.message).not.toContain('\n');
  return error.message;
};

describe('a data folder', () => {
  test('is made, is there again at the second start, and refuses connections without the password', async () => {
    const first = await start('data');
    await ask(first.ownerUrl, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    expect((await first.exited).code).toBe(0);
    const second = await start('data');
    expect(await ask(second.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await expect(ask(second.appUrl.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toThrow(/password/);
    expect(statSync(join(second.dataDir, 'clave-passwords.json')).mode & 0o777).toBe(0o600);
    await second.stop();
  });

  test('gives the owner no superuser rights and the application no DDL', async () => {
    const { ownerUrl, appUrl, gatewayUrl, stop } = await start('data');
    const sql = 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user';
    expect(await ask(ownerUrl, sql)).toEqual([{ rolsuper: false }]);
    for (const url of [appUrl, gatewayUrl]) {
      await expect(ask(url, 'CREATE TABLE mine (n int)')).rejects.toThrow(/permission denied/);
      await expect(ask(url, 'SELECT n FROM kept')).rejects.toThrow(/permission denied/);
    }
    await stop();
  });

  test('of a release without a gateway gets its role, once', async () => {
    const first = await start('data');
    const file = join(first.dataDir, 'clave-passwords.json');
    await ask(first.adminUrl, 'DROP OWNED BY clave_gateway');
    await ask(first.adminUrl, 'DROP ROLE clave_gateway');
    await first.stop();
    const { clave_gateway: _, ...before } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(before));
    const second = await start('data');
    expect(await ask(second.gatewayUrl, 'SELECT current_user AS who')).toEqual([{ who: 'clave_gateway' }]);
    await second.stop();
    const third = await start('data');
    expect(new URL(third.gatewayUrl).password).toBe(new URL(second.gatewayUrl).password);
    expect(await ask(third.gatewayUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await third.stop();
  });

  test('is taken over from a server that a killed launcher has left', async () => {
    const left = await start('data');
    const next = await start('data');
    expect(next.pid).not.toBe(left.pid);
    expect((await left.exited).code).toBe(0);
    expect(await ask(next.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    process.kill(next.pid, 'SIGKILL');
    await next.exited;
    expect(existsSync(join(next.dataDir, 'postmaster.pid'))).toBe(true);
    const recovered = await start('data');
    expect(await ask(recovered.ownerUrl, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await recovered.stop();
  });

  test('whose pid file names a stranger leaves the stranger alone', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const server = await start('data');
    await server.stop();
    writeFileSync(join(server.dataDir, 'postmaster.pid'), `${stranger.pid}\n${server.dataDir}\n`);
    const next = await start('data');
    expect(stranger.exitCode).toBeNull();
    await next.stop();
    stranger.kill();
  });

  test('for tests is gone when the server stops', async () => {
    const server = await startPostgres({ dataDir: join(folder, 'ephemeral'), port: 0, ephemeral: true });
    expect(await ask(server.adminUrl, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
    await server.stop();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  test('where PostgreSQL may not enter does just as well', async () => {
    const closed = mkdtempSync(join(folder, 'closed-'));
    const dataDir = join(closed, 'data');
    const server = await startPostgres({ dataDir, port: 0, ephemeral: true });
    expect(await ask(server.ownerUrl, 'SELECT 1 AS n')).toEqual([{ n: 1 }]);
    expect(server.dataDir === dataDir).toBe(process.getuid?.() !== 0);
    await server.stop();
    expect(existsSync(dirname(server.dataDir))).toBe(server.dataDir === dataDir);
  });
});

describe('one clear line', () => {
  test('where the folder holds something else', async () => {
    mkdirSync(join(folder, 'other', 'base'), { recursive: true });
    expect(await lineOf(start('other'))).toMatch(/other is broken or of another version \(PG_VERSION\)/);
  });

  test('where PG_VERSION is garbage, or the control file is gone', async () => {
    const { dataDir } = await start('broken').then(async (server) => {
      await server.stop();
      return server;
    });
    const version = readFileSync(join(dataDir, 'PG_VERSION'));
    writeFileSync(join(dataDir, 'PG_VERSION'), 'garbage');
    expect(await lineOf(start('broken'))).toMatch(/PG_VERSION/);
    writeFileSync(join(dataDir, 'PG_VERSION'), version);
    rmSync(join(dataDir, 'global', 'pg_control'));
    expect(await lineOf(start('broken'))).toMatch(/could not find the database system/);
  });

  test('where the port is taken', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    expect(await lineOf(start('data', port))).toBe(
      `Port ${port}, meant for PostgreSQL, is taken by another program: free it, or set POSTGRES_PORT to another.`,
    );
    taken.close();
  });
});
