import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express from 'express';
import { health } from './health.ts';
import type { Parts } from './support/parts.ts';

test('who is about to stop is alive and not ready, whatever it stands on', async () => {
  const state = { database: true, worker: true };
  const readiness = { isLeaving: false, fresh: async () => state };
  const app = express().use(health({ readiness } as unknown as Parts));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (path: string) => {
    const answer = await fetch(url + path);
    return [answer.status, await answer.json()];
  };
  expect(await ask('/readyz')).toEqual([200, { status: 'ready', ...state }]);
  readiness.isLeaving = true;
  expect(await ask('/readyz')).toEqual([503, { status: 'leaving', ...state }]);
  expect(await ask('/healthz')).toEqual([200, { status: 'alive' }]);
  server.close();
  server.closeAllConnections();
});
