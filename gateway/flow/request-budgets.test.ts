import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import express from 'express';
import { oidcCallerOf } from '../oidc/mount.ts';
import { limitRequests, type RequestBudgets } from './request-budgets.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
});

const wide = { max: 100, per: 'PT1H' };
const two = { max: 2, per: 'PT1H' };

/** Asks three times; returns what the last request was answered, and asks for a page after it. */
async function thirdOf(method: string, path: string, budgets: Partial<RequestBudgets>) {
  const app = express();
  app.use(limitRequests(oidcCallerOf, { pages: wide, authorizations: wide, serverCalls: wide, ...budgets }));
  app.use((_request, response) => void response.status(200).end());
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = () => fetch(`${url}${path}`, { method });
  await ask();
  await ask();
  const third = await ask();
  return { third, page: (await fetch(`${url}/identify/x`)).status };
}

const server = [
  ['POST', '/oidc/token'],
  ['OPTIONS', '/oidc/token'],
  ['POST', '/oidc/request'],
  ['GET', '/oidc/me'],
  ['GET', '/oidc/jwks'],
  ['GET', '/oidc/.well-known/openid-configuration'],
] as const;

test.each(server)('what a server calls has a budget of its own: %s %s', async (method, path) => {
  const free = await thirdOf(method, path, { pages: two, authorizations: two });
  expect([free.third.status, free.page]).toEqual([200, 200]);
  const { third, page } = await thirdOf(method, path, { serverCalls: two });
  expect([third.status, page]).toEqual([429, 200]);
  expect(Number(third.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(await third.json()).toMatchObject({ error: 'temporarily_unavailable' });
});

test.each([
  ['GET', '/oidc/token'],
  ['POST', '/oidc/jwks'],
  ['GET', '/oidc/.well-known/anything'],
  ['GET', '/oidc/me/'],
  ['GET', '/OIDC/jwks'],
  ['GET', '/oidc/session/end'],
  ['GET', '/oidc/auth/abc'],
  ['GET', '/nowhere'],
])('what is no call of a server counts as a page: %s %s', async (method, path) => {
  const free = await thirdOf(method, path, { serverCalls: two, authorizations: two });
  expect([free.third.status, free.page]).toEqual([200, 200]);
  const { third, page } = await thirdOf(method, path, { pages: two });
  expect([third.status, page]).toEqual([429, 429]);
});

test('requests that begin an identification count as pages, and against a smaller budget, which leaves pages to those under way', async () => {
  const { third, page } = await thirdOf('GET', '/oidc/auth?client_id=x', { authorizations: two });
  expect([third.status, page]).toEqual([429, 200]);
  const asPages = await thirdOf('GET', '/oidc/auth', { pages: two });
  expect([asPages.third.status, asPages.page]).toEqual([429, 429]);
});
