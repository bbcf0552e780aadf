import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createApiClient, expectStatus, UnexpectedStatus, withTimeout } from './client.ts';
import { journeyClient } from './journey-client.ts';
import { withRetry } from './retry.ts';

interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** An API that answers its requests one after the other with these handlers, and the last one from then on. */
async function apiThat(...handlers: RequestListener[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  server = createServer(async (request, response) => {
    const { method, url: path, headers } = request;
    const body = await text(request);
    received.push({ method, path, headers, body });
    handlers[Math.min(received.length, handlers.length) - 1]?.(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

const answer =
  (status: number, body: object, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response
      .writeHead(status, { 'Content-Type': 'application/json', ...headers })
      .end(JSON.stringify(body));
const unavailable = answer(503, { code: 'temporarily-unavailable' }, { 'Retry-After': '0' });
const cut: RequestListener = (_request, response) => void response.destroy();
const cutInTheBody: RequestListener = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('{"journey"');
  setImmediate(() => response.destroy());
};
const body = { nationalId: '12345678Z', email: 'ana@example.org', activationCode: 'AAAAA-AAAAA' };

describe('a call', () => {
  test('sends typed paths, tokens and bodies below /api/v1', async () => {
    const { url, received } = await apiThat(answer(200, { journey: { step: 'password' } }));
    const journey = journeyClient(createApiClient({ url }), { id: 'a b', token: 'secret' });
    expect(await expectStatus(200, journey.submitOtp('123456'))).toEqual({ journey: { step: 'password' } });
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: '/api/v1/journeys/a%20b/otp',
        headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
        body: '{"otp":"123456"}',
      },
    ]);
  });

  test('with another status than expected fails with the problem', async () => {
    const { url } = await apiThat(answer(422, { code: 'activation-data-refused' }));
    const asked = expectStatus(201, createApiClient({ url }).POST('/activations', { body }));
    await expect(asked).rejects.toThrow('answered 422 activation-data-refused instead of 201');
    await expect(asked).rejects.toBeInstanceOf(UnexpectedStatus);
  });
});

describe('a client that repeats', () => {
  test('sends the same request under the same Idempotency-Key after a 503 and after a cut connection', async () => {
    const { url, received } = await apiThat(unavailable, cut, cutInTheBody, answer(201, { token: 't' }));
    const causes: string[] = [];
    const transport = withRetry(withTimeout(), {
      pauseMs: () => 1,
      onRetry: (_request, cause) => causes.push(cause instanceof Response ? `${cause.status}` : 'no answer'),
    });
    const reply = createApiClient({ url, transport }).POST('/activations', { body });
    expect(await expectStatus(201, reply)).toEqual({ token: 't' });
    expect(causes).toEqual(['503', 'no answer', 'no answer']);
    expect(new Set(received.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(received[0]?.headers['idempotency-key']).toMatch(/^[\da-f-]{36}$/);
    expect(received.map((each) => each.body)).toEqual(Array(4).fill(JSON.stringify(body)));
  });

  test('keeps the key that the caller gives, waits as Retry-After asks, and repeats no other status', async () => {
    const { url, received } = await apiThat(unavailable, answer(422, { code: 'otp-refused' }));
    const headers = { 'Idempotency-Key': 'mine' };
    const { response } = await createApiClient({ url, transport: withRetry() }).POST('/activations', {
      body,
      headers,
    });
    expect(response.status).toBe(422);
    expect(received.map((each) => each.headers['idempotency-key'])).toEqual(['mine', 'mine']);
  });

  test('returns the last 503 once the time is up', async () => {
    const { url, received } = await apiThat(unavailable);
    const transport = withRetry(withTimeout(), { forMs: 0 });
    const { response } = await createApiClient({ url, transport }).GET('/password-policy');
    expect([response.status, received.length]).toEqual([503, 1]);
    expect(received[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  test('passes on an answer without a body', async () => {
    const { url } = await apiThat((_request, response) => void response.writeHead(204).end());
    const { response } = await createApiClient({ url, transport: withRetry() }).DELETE('/sessions/current');
    expect(response.status).toBe(204);
  });
});
