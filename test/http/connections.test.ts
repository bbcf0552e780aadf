import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createApiAdmission } from '../../api/http/admission.ts';
import { createHttpServer } from '../../api/http/http-server.ts';
import { exchange } from '../../drills/fuzz/exchange.ts';
import { mustBeDeclared } from '../contract/declared-answers.ts';
import { type Stack, startStack } from '../environment/stack.ts';
import { until } from '../environment/waiting.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ own: true });
});
afterAll(() => stack.stop());

const send = (text: string, url = stack.url) =>
  exchange(new URL(url), { method: 'GET', pieces: [Buffer.from(text, 'latin1')], closesAfterwards: false });
const get = (lines: string, version = '1.1') =>
  `GET /api/v1/password-policy HTTP/${version}\r\n${lines}Connection: close\r\n\r\n`;

describe('what comes over a connection', () => {
  test.each([
    ['is no HTTP', 'hello\r\n\r\n', 400, 'malformed-request'],
    ['names no host', get(''), 400, 'malformed-request'],
    ['has a length that is none', get('Host: x\r\nContent-Length: -1\r\n'), 400, 'malformed-request'],
    [
      'has more headers than allowed',
      get(`Host: x\r\nX: ${'x'.repeat(20_000)}\r\n`),
      431,
      'headers-too-large',
    ],
    ['wants a proxy', 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method-not-allowed'],
  ])('and %s is refused by a problem document like any other', async (_what, text, status, code) => {
    const answer = await send(text);
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
    expect(answer.headers.get('X-Content-Type-Options')).toBe('nosniff');
    await mustBeDeclared(stack.url, 'GET', '/password-policy', answer);
  });

  test.each([
    ['has an unknown expectation', get('Host: x\r\nExpect: a-miracle\r\n')],
    ['expects to be told to go on', get('Host: x\r\nExpect: 100-continue\r\n')],
    ['is of HTTP/1.0 and names no host', get('', '1.0')],
    ['would like to change the protocol', get('Host: x\r\nUpgrade: h2c\r\n')],
    ['asks whether what it stored is still good', get('Host: x\r\nIf-None-Match: *\r\n')],
  ])('and %s is answered', async (_what, text) => {
    expect((await send(text)).status).toBe(200);
  });

  test.each(['/PASSWORD-POLICY', '/password-policy/', '//password-policy'])(
    'at %s meets no route: an address is what the document says, to the letter',
    async (path) => {
      const answer = await send(`GET /api/v1${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(answer.status).toBe(404);
    },
  );
});

test('requests beyond the admission limit are refused, except those of monitoring', async () => {
  const app = express();
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let underWay = 0;
  app.use(async ({ path }, response) => {
    underWay += 1;
    if (path !== '/healthz') await held;
    response.end('{}');
  });
  const admission = createApiAdmission({ maxConcurrent: 2 });
  const server = createHttpServer(app, { admission }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const first = [get('Host: x\r\n'), get('Host: x\r\n')].map((text) => send(text, url));
  while (underWay < 2) await new Promise((resolve) => setTimeout(resolve, 5));

  const refused = await send(get('Host: x\r\nAccept-Language: en\r\n'), url);
  expect([refused.status, refused.body]).toMatchObject([503, { code: 'temporarily-unavailable' }]);
  expect(refused.headers.get('Content-Language')).toBe('en');
  await mustBeDeclared(stack.url, 'GET', '/password-policy', refused);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect([admission.refused, underWay]).toEqual([1, 3]);

  letGo();
  expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
  // Places are given back.
  expect((await send(get('Host: x\r\n'), url)).status).toBe(200);
  server.close();
});

test('a request whose body does not arrive in time is cut off, and releases its slot', async () => {
  let underWay = 0;
  const application: RequestListener = (request, response) => {
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
    });
    request.resume();
  };
  const server = createHttpServer(application, { timeoutMs: 300 }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const cut = await send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf of it', url);
  expect([cut.status, cut.body]).toMatchObject([408, { code: 'request-timeout' }]);
  await until(
    () => underWay,
    (count) => count === 0,
  );
  server.close();
});

test('a connection that is cut releases the slots of all requests that it carries', async () => {
  let started = 0;
  const application: RequestListener = (request, response) => {
    started += 1;
    if (request.url !== '/held') response.end('{}');
  };
  const admission = createApiAdmission({ maxConcurrent: 3, deadlineMs: 60_000 });
  const server = createHttpServer(application, { admission });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const client = connect({ host: '127.0.0.1', port });
  client.on('error', () => {});
  client.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3));
  await until(
    () => started,
    (count) => count === 3,
  );
  expect((await send(get('Host: x\r\n'), url)).status).toBe(503);
  client.resetAndDestroy();
  await until(
    async () => (await send(get('Host: x\r\n'), url)).status,
    (status) => status === 200,
  );
  // All three, not one.
  const held = await Promise.all([1, 2].map(() => connect({ host: '127.0.0.1', port })));
  for (const socket of held) socket.write('GET /held HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(
    () => started,
    (count) => count >= 6,
  );
  expect((await send(get('Host: x\r\n'), url)).status).toBe(200);
  for (const socket of held) socket.destroy();
  server.close();
});
