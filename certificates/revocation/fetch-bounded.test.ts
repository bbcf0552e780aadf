import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { fetchBounded } from './fetch-bounded.ts';

const answered = async (listener: RequestListener, timeoutMs = 20_000) => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    return await fetchBounded({ url, maxBytes: 1000, timeoutMs });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};

test('an answer of the size that is allowed is fetched whole', async () => {
  const fetched = await answered((_request, response) => response.end(Buffer.alloc(1000, 7)));
  expect(fetched && Buffer.from(fetched)).toEqual(Buffer.alloc(1000, 7));
});

const endless: RequestListener = (_request, response) => {
  const push = () => {
    while (!response.destroyed && response.write(Buffer.alloc(65_536)));
  };
  response.on('drain', push);
  push();
};
test.each<[string, RequestListener]>([
  ['of one octet more', (_request, response) => response.end(Buffer.alloc(1001))],
  [
    'announced as larger',
    (_request, response) => response.writeHead(200, { 'content-length': 20_000_000 }).write('x'),
  ],
  ['without an end', endless],
  [
    'from elsewhere',
    ({ url }, response) =>
      url === '/' ? response.writeHead(302, { location: '/answer' }).end() : response.end('x'),
  ],
  ['of an error', (_request, response) => response.writeHead(500).end('x')],
  ['broken off', (request) => request.socket.destroy()],
])('an answer is none if it is %s', async (_what, listener) => {
  expect(await answered(listener)).toBeUndefined();
});

test('an answer that does not come is none after its time', async () => {
  expect(await answered(() => undefined, 50)).toBeUndefined();
  expect(await answered((_request, response) => response.write('x'), 50)).toBeUndefined();
});
