import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { createApiAdmission } from '../../api/http/admission.ts';
import { createHttpServer } from '../../api/http/http-server.ts';
import { httpMessageClasses } from '../../platform/http-messages.ts';
import { createPageServer } from '../../web/http/page-server.ts';

const prototypesOf = (...messages: object[]): (object | null)[] =>
  messages.map((message) => Object.getPrototypeOf(message));

const servers: readonly (readonly [string, (application: Express) => Server])[] = [
  ['the API', (application) => createHttpServer(application, { admission: createApiAdmission() })],
  ['the pages', (application) => createPageServer(application)],
];

test.each(servers)(
  'on the server of %s Express finds its prototypes, with all that they have, and sets none',
  async (_name, create) => {
    const application = express().set('trust proxy', 1);
    const inside: (object | null)[] = [];
    application.get('/:id', (request, response) => {
      inside.push(...prototypesOf(request, response));
      const { ip, params, query } = request;
      response.status(201).json({ ip, params, query, isOwn: request.app === application });
    });
    const server = create(application);
    const before: (object | null)[] = [];
    server.prependListener('request', (...messages) => before.push(...prototypesOf(...messages)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/one?a=b`, {
      headers: { 'X-Forwarded-For': '192.0.2.7', Connection: 'close' },
    });
    expect([answer.status, await answer.json()]).toEqual([
      201,
      { ip: '192.0.2.7', params: { id: 'one' }, query: { a: 'b' }, isOwn: true },
    ]);
    server.close();
    expect(inside.map((prototype, index) => prototype === before[index])).toEqual([true, true]);
  },
);

test('an application that is mounted in another one keeps its own settings', async () => {
  const inner = express().set('trust proxy', 1);
  inner.get('/ip', ({ ip, app }, response) => void response.json([ip, app === inner]));
  httpMessageClasses(inner);
  const outer = express().use('/inner', inner);
  const server = createServer(httpMessageClasses(outer), outer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const headers = { 'X-Forwarded-For': '192.0.2.7', Connection: 'close' };
  const answer = await fetch(`http://127.0.0.1:${port}/inner/ip`, { headers });
  expect(await answer.json()).toEqual(['192.0.2.7', true]);
  server.close();
});

test('two servers of one application have the same classes, and another listener has those of Node', () => {
  const application = express();
  expect(httpMessageClasses(application)).toBe(httpMessageClasses(application));
  expect(httpMessageClasses(() => undefined)).toEqual({});
});
