import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from '@jest/globals';
import express from 'express';
import { z } from 'zod';
import { policyWith } from '../../test/environment/test-policy.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Timer } from './refusal-time.ts';
import { type Reply, route } from './route.ts';
import { serve } from './serve.ts';

/** Time that moves only by `advance`; a wait ends only by `release`. */
class HeldTimer implements Timer {
  readonly waits: number[] = [];
  release: () => void = () => {};
  onWait: () => void = () => {};
  #nowMs = 5_000.25;

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  wait(ms: number): Promise<void> {
    this.waits.push(ms);
    const waiting = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    this.onWait();
    return waiting;
  }
}

/** A server with a route whose work takes 37 ms of the held timer, and a second one that replies at once. */
async function serving(isStart: boolean, reply: Reply) {
  const timer = new HeldTimer();
  const metrics = { problems: { inc: () => {} } };
  const policy = policyWith({ refusalTime: 'PT0.1S' });
  const dependencies = { policy, timer, metrics, settings: {} } as unknown as ApiDependencies;
  const declared = { summary: '', tag: 'Sessions', caller: 'anyone', problems: [] } as const;
  // With a preparation of its own a route asks no database.
  const prepare = async () => ({ prepared: undefined });
  const replies = { 200: z.unknown() };
  const handle = async () => {
    timer.advance(37);
    return reply;
  };
  const asked = route({ ...declared, method: 'post', path: '/asked', isStart, replies, prepare, handle });
  const other = route({
    ...declared,
    ...{ method: 'get', path: '/other', replies, prepare },
    handle: async () => ({ status: 200, body: {} }),
  });
  const app = express()
    .use((_request, response, next) => {
      response.locals.address = '192.0.2.1';
      next();
    })
    .post(asked.path, serve(asked, dependencies))
    .get(other.path, serve(other, dependencies));
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    timer,
    ask: () => fetch(`${url}/asked`, { method: 'POST' }),
    askOther: () => fetch(`${url}/other`),
  };
}

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

test('a refusal of a start that depends on the citizen leaves at the refusal time after it was read, and no sooner', async () => {
  const { timer, ask, askOther } = await serving(true, { problem: 'sign-in-refused' });
  const waiting = new Promise<void>((resolve) => {
    timer.onWait = resolve;
  });
  let isSent = false;
  const asked = ask().then(({ status }) => {
    isSent = true;
    return status;
  });
  await Promise.race([waiting, asked]);
  expect(timer.waits).toEqual([63]);
  // A response that had not been held back would have come before this later one.
  expect((await askOther()).status).toBe(200);
  expect(isSent).toBe(false);
  timer.release();
  expect(await asked).toBe(401);
});

test.each<[string, boolean, Reply, number]>([
  ['a start that succeeds', true, { status: 200, body: {} }, 200],
  ['a refusal of a start that follows the right password', true, { problem: 'password-expired' }, 403],
  ['a refusal that is no start', false, { problem: 'sign-in-refused' }, 401],
])('%s leaves at once', async (_what, isStart, reply, status) => {
  const { timer, ask } = await serving(isStart, reply);
  timer.onWait = () => timer.release();
  expect((await ask()).status).toBe(status);
  expect(timer.waits).toEqual([]);
});
