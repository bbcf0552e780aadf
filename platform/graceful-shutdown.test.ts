import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { shutDownGracefully } from './graceful-shutdown.ts';

/** A server that answers `/slow` on demand, and a client for it. */
async function running(agent: Agent) {
  let answer = () => {};
  const server = createServer((request, response) => {
    if (request.url !== '/slow') return void response.end('here');
    answer = () => response.end('here');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = async (path = '/') => {
    const [response] = (await once(get({ port, path, agent }), 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return [response.statusCode, response.headers.connection];
  };
  return { server, ask, answerSlowly: () => answer() };
}

test('a draining server still answers, and closes each client’s connection afterwards', async () => {
  const agent = new Agent({ keepAlive: true });
  const { server, ask } = await running(agent);
  expect(await ask()).toEqual([200, 'keep-alive']);
  let hasLeft = false;
  const left = shutDownGracefully(server, 1).then(() => {
    hasLeft = true;
  });
  // On the kept-alive connection, and on a new one.
  expect(await ask()).toEqual([200, 'close']);
  expect(await ask()).toEqual([200, 'close']);
  expect(hasLeft).toBe(false);
  await left;
  await expect(ask()).rejects.toThrow('ECONNREFUSED');
});

test('a request under way is answered after the server stopped listening', async () => {
  const { server, ask, answerSlowly } = await running(new Agent({ keepAlive: true }));
  const slow = ask('/slow');
  await sleep(50);
  const left = shutDownGracefully(server, 0);
  await sleep(50);
  await expect(ask()).rejects.toThrow('ECONNREFUSED');
  answerSlowly();
  expect((await slow)[0]).toBe(200);
  await left;
});
