import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import proto from '@temporalio/proto';
import { EncryptingCodec } from '../../platform/payload-codec.ts';
import { createCodecServer } from './codec-server.ts';

const { Payloads } = proto.temporal.api.common.v1;
const codec = new EncryptingCodec([{ id: 'k1', bytes: randomBytes(32) }]);
const ui = 'http://127.0.0.1:8233';

let server: Server;
beforeAll(async () => {
  server = createServer(createCodecServer({ codec, origins: [ui] })).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** With node:http, since `fetch` does not allow a Host header. */
function ask(
  path: string,
  { method = 'POST', headers = {}, body = '' }: { method?: string; headers?: object; body?: string } = {},
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { 'Content-Type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const encrypted = async (): Promise<string> => {
  const payloads = await codec.encode([defaultPayloadConverter.toPayload({ step: 'otp' })]);
  return JSON.stringify(Payloads.create({ payloads }).toJSON());
};

test('shows the Temporal UI a payload in clear', async () => {
  const answer = await ask('/decode', { headers: { Origin: ui }, body: await encrypted() });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': ui,
    'cache-control': 'no-store',
  });
  const { payloads } = JSON.parse(answer.text);
  expect(JSON.parse(Buffer.from(payloads[0].data, 'base64').toString())).toEqual({ step: 'otp' });
});

test('answers the preflight request of the UI’s browser', async () => {
  const headers = { Origin: ui, 'Access-Control-Request-Headers': 'content-type,x-namespace' };
  const { status, headers: answered } = await ask('/decode', { method: 'OPTIONS', headers });
  expect(status).toBe(204);
  expect(answered['access-control-allow-headers']).toBe('Content-Type,X-Namespace');
});

test.each([
  ['a page of another origin', { Origin: 'https://example.org' }],
  ['a request for another host name', { Host: 'clave.example.org' }],
])('tells %s nothing', async (_who, headers) => {
  const answer = await ask('/decode', { headers, body: await encrypted() });
  expect(answer.status).toBe(403);
  expect(answer.text).not.toContain('payloads');
});

test.each([
  ['no JSON', '{'],
  ['what another key has encrypted', undefined],
])('answers 400 to %s', async (_what, body) => {
  const other = new EncryptingCodec([{ id: 'k1', bytes: randomBytes(32) }]);
  const payloads = await other.encode([defaultPayloadConverter.toPayload(1)]);
  const answer = await ask('/decode', {
    body: body ?? JSON.stringify(Payloads.create({ payloads }).toJSON()),
  });
  expect([answer.status, answer.text]).toEqual([400, '{"error":"cannot be decoded"}']);
});

test('has no route that encrypts', async () => {
  expect((await ask('/encode', { body: '{"payloads":[]}' })).status).toBe(404);
});
