import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import express from 'express';
import { frontEndClient } from '../../client/front-end-client.ts';
import { clientAddress, maskAddress, rateLimitKey } from './client-address.ts';

const key = 'k'.repeat(48);
const gatewayKey = 'g'.repeat(48);
let server: Server;
let url: string;
let seen: string[] = [];
beforeAll(async () => {
  // Behind one proxy, whose header Express takes `request.ip` from.
  const app = express().set('trust proxy', 1);
  app.use((request, response) => {
    seen.push(clientAddress(request, { FRONT_END_KEY: key, GATEWAY_KEY: gatewayKey }));
    response.json({});
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

const addressesOf = async (headers: readonly Record<string, string>[]): Promise<string[]> => {
  seen = [];
  for (const each of headers) await fetch(url, { headers: each });
  return seen;
};

test('behind a proxy that writes ports, every client has an address of its own', async () => {
  const forwarded = [
    '203.0.113.7:40001',
    '203.0.113.8:40001',
    '[2001:db8::7]:40001',
    '10.0.0.1, 203.0.113.9:1',
  ];
  expect(await addressesOf(forwarded.map((text) => ({ 'X-Forwarded-For': text })))).toEqual([
    '203.0.113.7',
    '203.0.113.8',
    '2001:db8::7',
    '203.0.113.9',
  ]);
});

test('what cannot be read uses up no limit of another client', async () => {
  const texts = ['unknown', '_hidden', 'a.b.c.d'];
  const keys = (await addressesOf(texts.map((text) => ({ 'X-Forwarded-For': text })))).map(rateLimitKey);
  expect(new Set(keys).size).toBe(texts.length);
});

test.each([
  ['for=203.0.113.7;by="x;for=198.51.100.1"', '203.0.113.7'],
  ['by="a, for=198.51.100.1"; For="203.0.113.7:1"', '203.0.113.7'],
  ['proto=https;for="[2001:db8::7]:1", for=198.51.100.1', '2001:db8::7'],
  ['proto=https, for=198.51.100.1', '127.0.0.1'],
  ['for="203.0.113.7', '127.0.0.1'],
])('of %j the first client counts, which the front-end saw: %s', async (Forwarded, address) => {
  expect(await addressesOf([{ Forwarded, 'X-Front-End-Key': key }])).toEqual([address]);
});

test('the gateway is believed by its own key, in its own header', async () => {
  const Forwarded = 'for=203.0.113.7';
  expect(
    await addressesOf([
      { Forwarded, 'X-Gateway-Key': gatewayKey },
      { Forwarded, 'X-Gateway-Key': key },
      { Forwarded, 'X-Front-End-Key': gatewayKey },
      { Forwarded },
    ]),
  ).toEqual(['203.0.113.7', '127.0.0.1', '127.0.0.1', '127.0.0.1']);
});

test('a front-end passes on each address as it is read here, and unreadable ones apart', async () => {
  seen = [];
  for (const address of ['203.0.113.7:1', '2001:db8::7', '[2001:db8::8]:1', 'fe80::7%eth0', 'a "b"', 'c'])
    await frontEndClient(
      { API_URL: url, FRONT_END_KEY: key },
      { language: 'es', address, userAgent: '' },
    ).GET('/password-policy');
  expect(seen.slice(0, 4)).toEqual(['203.0.113.7', '2001:db8::7', '2001:db8::8', 'fe80::7']);
  expect(new Set(seen).size).toBe(6);
});

test.each([
  ['203.0.113.7', '203.0.113.•'],
  ['::ffff:203.0.113.7', '203.0.113.•'],
  ['2001:db8:a:b:c::7', '2001:db8:a:•'],
  ['2001:db8::7', '2001:db8:0:•'],
  ['unknown', undefined],
  ['', undefined],
])('the address %s is shown as %s', (address, masked) => {
  expect(maskAddress(address)).toBe(masked);
});
