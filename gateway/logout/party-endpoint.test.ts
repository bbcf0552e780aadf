import { once } from 'node:events';
import http, { type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { isPermittedAddress, postForm } from './party-endpoint.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts an endpoint; its port, and what it was asked. */
async function endpoint(answer: RequestListener) {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked };
}

const here = { loopbackPermitted: true };
const production = { loopbackPermitted: false };

test.each([
  ['8.8.8.8', true, true],
  ['2a00:1450:4003::1', true, true],
  // Administrations reach each other in networks of their own.
  ['10.1.2.3', true, true],
  ['172.16.0.1', true, true],
  ['fd00::1', true, true],
  ['127.0.0.1', false, true],
  ['::1', false, true],
  ['::ffff:127.0.0.1', false, true],
  ['169.254.169.254', false, false],
  ['::ffff:169.254.169.254', false, false],
  ['fe80::1', false, false],
  ['100.100.100.200', false, false],
  ['0.0.0.0', false, false],
  ['::', false, false],
  ['224.0.0.1', false, false],
  ['255.255.255.255', false, false],
  ['64:ff9b::7f00:1', false, false],
])('a relying party may be at %s: in production %s, locally %s', (ip, inProduction, locally) => {
  expect([isPermittedAddress(ip, false), isPermittedAddress(ip, true)]).toEqual([inProduction, locally]);
});

test.each([
  ['http://party.example/out', production, 'not-https'],
  ['file:///etc/passwd', here, 'not-https'],
  ['http://10.0.0.1/out', here, 'address-refused'],
  ['https://127.0.0.1/out', production, 'address-refused'],
  ['https://[::1]/out', production, 'address-refused'],
  ['https://2130706433/out', production, 'address-refused'],
  ['https://169.254.169.254/latest', here, 'address-refused'],
  // By what the name resolves to.
  ['https://localhost/out', production, 'address-refused'],
])('%s (%j) is not called: %s', async (address, options, failure) => {
  expect(await postForm(address, {}, options)).toEqual({ failure });
});

test('posts a form, and reads of the answer no more than its status', async () => {
  const bodies: string[] = [];
  const { port } = await endpoint((request, response) => {
    request.on('data', (chunk) => bodies.push(String(chunk)));
    request.on('end', () => {
      response.writeHead(200);
      // A body without an end.
      response.write('x'.repeat(1_000));
    });
  });
  expect(await postForm(`http://localhost:${port}/out`, { logout_token: 'a.b+c' }, here)).toEqual({
    status: 200,
  });
  expect(bodies.join('')).toBe('logout_token=a.b%2Bc');
});

test('follows no redirect', async () => {
  const { port, asked } = await endpoint((_request, response) =>
    response.writeHead(307, { Location: '/elsewhere' }).end(),
  );
  expect(await postForm(`http://127.0.0.1:${port}/out`, {}, here)).toEqual({ status: 307 });
  expect(asked).toEqual(['POST /out']);
});

test('gives up on an endpoint that hangs, and says why there was no answer', async () => {
  const { port } = await endpoint(() => {});
  expect(await postForm(`http://127.0.0.1:${port}/`, {}, { ...here, timeoutMs: 100 })).toEqual({
    failure: 'timeout',
  });
  const gone = await endpoint(() => {});
  servers.at(-1)?.close();
  expect(await postForm(`http://127.0.0.1:${gone.port}/`, {}, here)).toEqual({ failure: 'econnrefused' });
});

test('takes no header lines without end', async () => {
  const { port } = await endpoint((_request, response) =>
    response.writeHead(200, { 'X-Long': 'x'.repeat(20_000) }).end(),
  );
  expect(await postForm(`http://127.0.0.1:${port}/`, {}, here)).toEqual({ failure: 'hpe-header-overflow' });
});
