import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import express from 'express';
import type { ApiDependencies } from '../http/dependencies.ts';
import { health } from './health.ts';

test('a draining process is alive and not ready, whatever its dependencies', async () => {
  const { readiness, ask } = await listening({ database: true, worker: true });
  expect(await ask('/readyz')).toEqual([200, { status: 'ready', database: true, worker: true, slots: true }]);
  readiness.isDraining = true;
  expect(await ask('/readyz')).toEqual([
    503,
    { status: 'leaving', database: true, worker: true, slots: true },
  ]);
  expect(await ask('/readyz/database')).toEqual([
    503,
    { status: 'leaving', database: true, started: true, slots: true },
  ]);
  expect(await ask('/healthz')).toEqual([200, { status: 'alive' }]);
});

test('is ready while every worker is away, and not without PostgreSQL', async () => {
  const { state, ask } = await listening({ database: true, worker: false });
  expect(await ask('/readyz')).toEqual([
    503,
    { status: 'not ready', database: true, worker: false, slots: true },
  ]);
  expect(await ask('/readyz/database')).toEqual([
    200,
    { status: 'ready', database: true, started: true, slots: true },
  ]);
  state.database = false;
  expect(await ask('/readyz/database')).toEqual([
    503,
    { status: 'not ready', database: false, started: true, slots: true },
  ]);
});

test('is not ready while no request could be admitted, and alive all the same', async () => {
  const { admission, ask } = await listening({ database: true, worker: true });
  admission.isExhausted = true;
  for (const path of ['/readyz', '/readyz/database'])
    expect(await ask(path)).toMatchObject([503, { status: 'not ready', slots: false }]);
  expect(await ask('/healthz')).toEqual([200, { status: 'alive' }]);
});

test.each(['/READYZ', '/readyz/', '/HealthZ', '/METRICS', '/metrics/'])(
  '%s is no spelling of any',
  async (path) => {
    const { status } = await listening({ database: true, worker: true }).then(({ url }) => fetch(url + path));
    expect(status).toBe(404);
  },
);

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

async function listening(state: { database: boolean; worker: boolean }) {
  const readiness = {
    isDraining: false,
    readState: async () => state,
    readStateForTraffic: async () => ({ database: state.database, started: true }),
  };
  const admission = { isExhausted: false };
  const app = express().use(health({ readiness, admission } as unknown as ApiDependencies));
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string): Promise<[number, unknown]> => {
    const answer = await fetch(url + path);
    return [answer.status, await answer.json()];
  };
  return { url, state, readiness, admission, ask };
}
