import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createApiAdmission } from '../../api/http/admission.ts';
import { createHttpServer, type HttpServerOptions } from '../../api/http/http-server.ts';
import { exchange } from '../../drills/fuzz/exchange.ts';
import { until } from '../environment/waiting.ts';

const send = (text: string, url: string) =>
  exchange(new URL(url), { method: 'GET', pieces: [Buffer.from(text, 'latin1')], closesAfterwards: false });
const get = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** Listens with an application on a free port. */
async function listening(application: RequestListener, options: HttpServerOptions = {}) {
  const server = createHttpServer(application, options);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, url };
}

/** Opens a connection that stays open after the server has ended its side, and of which nothing is read. */
async function deafClient(url: string, text: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => {});
  socket.pause();
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

const heldBody = 'POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{';
const connectionsOf = (server: Server) => () =>
  new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

describe('a client that neither reads nor hangs up', () => {
  /** More than the buffers of both ends of a loopback connection take. */
  const longAnswer = Buffer.alloc(64 * 1_024 * 1_024);

  test('and asks for more than it takes holds no slot once the reply is whole, and is disconnected', async () => {
    const admission = createApiAdmission({ maxConcurrent: 2, deadlineMs: 3_000 });
    let asked = 0;
    const { server, url } = await listening(
      (request, response) => {
        if (request.url === '/long') asked += 1;
        response.end(request.url === '/long' ? longAnswer : '{}');
      },
      { admission },
    );
    // The second reply waits behind the first, and holds no slot either.
    const ask = 'GET /long HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2);
    const clients: Socket[] = [];
    for (let number = 1; number <= 3; number += 1) {
      clients.push(await deafClient(url, ask));
      await until(
        () => asked,
        (count) => count === 2 * number,
      );
    }
    expect(await connectionsOf(server)()).toBe(3);
    expect((await send(get, url)).status).toBe(200);
    expect([admission.free, admission.refused]).toEqual([2, 0]);
    await until(connectionsOf(server), (count) => count === 0);
    for (const client of clients) client.destroy();
    server.close();
  });

  test('and asks for a reply without end holds its slot no longer than the deadline', async () => {
    const admission = createApiAdmission({ maxConcurrent: 3, deadlineMs: 3_000 });
    const { server, url } = await listening(
      (request, response) => {
        if (request.url === '/long') response.write(longAnswer);
        else response.end('{}');
      },
      { admission },
    );
    const ask = 'GET /long HTTP/1.1\r\nHost: x\r\n\r\n';
    const clients = await Promise.all([1, 2, 3].map(() => deafClient(url, ask)));
    await until(
      () => admission.free,
      (free) => free === 0,
    );
    expect((await send(get, url)).status).toBe(503);

    await until(
      () => admission.free,
      (free) => free === 3,
    );
    expect((await send(get, url)).status).toBe(200);
    for (const client of clients) client.destroy();
    server.close();
  });

  test('and holds its body back takes no slot, and is disconnected in the end', async () => {
    const admission = createApiAdmission({ maxConcurrent: 1 });
    const { server, url } = await listening((_request, response) => void response.end('{}'), {
      admission,
      timeoutMs: 3_000,
    });
    const clients = await Promise.all(Array.from({ length: 20 }, () => deafClient(url, heldBody)));
    await until(
      () => admission.arriving,
      (arriving) => arriving > 0,
    );
    expect((await send(get, url)).status).toBe(200);
    await until(connectionsOf(server), (count) => count === 0);
    await until(
      () => admission.arriving,
      (arriving) => arriving === 0,
    );
    expect([admission.free, admission.refused]).toEqual([1, 0]);
    for (const client of clients) client.destroy();
    server.close();
  });

  test('is disconnected after a refusal that was written past the application', async () => {
    const { server, url } = await listening((request) => void request.resume(), { timeoutMs: 100 });
    const client = await deafClient(url, heldBody);
    await until(connectionsOf(server), (count) => count === 1);
    await until(connectionsOf(server), (count) => count === 0);
    client.destroy();
    server.close();
  });
});

describe('a body', () => {
  const post = (length: number, body: string) =>
    `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${body}`;
  const chunk = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n`;

  /** Answers with the length of the body. */
  const measuring: RequestListener = async (request, response) => {
    let length = 0;
    for await (const piece of request) length += (piece as Buffer).length;
    response.end(JSON.stringify({ length }));
  };

  test.each([
    ['of one piece', [post(5, 'abcde')], 5],
    ['in pieces', [post(5, 'ab'), 'cd', 'e'], 5],
    ['of the greatest length', [post(16_384, 'a'.repeat(10_000)), 'a'.repeat(6_384)], 16_384],
    [
      'beyond the greatest length, and not whole',
      [post(20_000, 'a'.repeat(19_000)), 'a'.repeat(1_000)],
      20_000,
    ],
    [
      'of unknown length',
      [
        'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n',
        chunk('abc'),
        chunk('de'),
        '0\r\n\r\n',
      ],
      5,
    ],
    [
      'of unknown length, without any',
      ['POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n', '0\r\n\r\n'],
      0,
    ],
  ])('%s reaches the application whole', async (_what, pieces, length) => {
    const { server, url } = await listening(measuring, { admission: createApiAdmission() });
    const reply = await exchange(new URL(url), {
      method: 'POST',
      pieces: pieces.map((piece) => Buffer.from(piece)),
      closesAfterwards: false,
    });
    expect(reply).toMatchObject({ status: 200, body: { length } });
    server.close();
  });

  test('that is answered unread leaves the connection to the next request', async () => {
    const { server, url } = await listening((_request, response) => void response.end('{}'), {
      admission: createApiAdmission(),
    });
    // More than the request's buffer takes, so that the rest must be discarded.
    const first = [
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
      ...Array.from({ length: 10 }, () => chunk('a'.repeat(10_000))),
      '0\r\n\r\n',
    ].join('');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let received = '';
    socket.on('data', (piece) => {
      received += piece;
    });
    socket.write(first);
    await until(
      () => received,
      (text) => text.endsWith('{}\r\n0\r\n\r\n') || text.endsWith('{}'),
    );
    received = '';
    socket.write(get);
    await once(socket, 'close');
    expect(received).toMatch(/^HTTP\/1.1 200/);
    server.close();
  });

  test('that has waited the longest gives way when too much of them is in memory', async () => {
    const admission = createApiAdmission({ maxArrivingBytes: 5_000 });
    const { server, url } = await listening(measuring, { admission });
    const held = send(post(9_000, 'a'.repeat(3_000)), url);
    await until(
      () => admission.arriving,
      (arriving) => arriving === 1,
    );
    const later = await deafClient(url, post(9_000, 'a'.repeat(3_000)));
    expect(await held).toMatchObject({ status: 503, body: { code: 'temporarily-unavailable' } });
    expect([admission.arriving, admission.refused]).toEqual([1, 1]);
    expect((await send(post(5, 'abcde'), url)).status).toBe(200);
    later.destroy();
    server.close();
  });
});
