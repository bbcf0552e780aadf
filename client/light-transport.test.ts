import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { resultOf } from './call-result.ts';
import { createApiClient } from './client.ts';
import { LightRequest, lightTransport } from './light-transport.ts';

/** What a client makes of a server's answer to `DELETE /sessions/current`. */
async function answered(listener: RequestListener, timeoutMs = 5_000) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = createApiClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers: { 'X-Gateway-Key': 'key' },
    transport: lightTransport(timeoutMs),
    requestClass: LightRequest as unknown as typeof Request,
  });
  try {
    return await resultOf(api.DELETE('/sessions/current', { headers: { Authorization: 'Bearer of' } }), 'es');
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const unavailable = { ok: false, problem: { code: 'temporarily-unavailable' } };

test('sends headers, and reads a problem with the time after which to come back', async () => {
  const result = await answered(({ headers, method, url }, response) => {
    response.writeHead(429, { 'Content-Type': 'application/problem+json', 'Retry-After': '30' });
    const told = { code: 'too-many-requests', detail: `${method} ${url}`, of: headers.authorization };
    response.end(JSON.stringify({ ...told, key: headers['x-gateway-key'] }));
  });
  const detail = 'DELETE /api/v1/sessions/current';
  expect(result).toMatchObject({ problem: { detail, of: 'Bearer of', key: 'key' } });
  expect(!result.ok && (result.retryAtMs ?? 0) > Date.now() + 20_000).toBe(true);
});

test('an answer without content is one', async () => {
  expect(await answered((_request, response) => void response.writeHead(204).end())).toMatchObject({
    ok: true,
    status: 204,
  });
});

test.each<[string, RequestListener]>([
  [
    'a redirect is not followed',
    (_request, response) => void response.writeHead(302, { Location: '/' }).end(),
  ],
  ['a connection that is cut is no answer', ({ socket }) => void socket.destroy()],
  [
    'an answer that is cut is none',
    (_request, response) => void response.write('{', () => response.destroy()),
  ],
  ['a server that is silent has not answered in time', () => undefined],
])('%s', async (_what, listener) => {
  expect(await answered(listener, 200)).toMatchObject(unavailable);
});
