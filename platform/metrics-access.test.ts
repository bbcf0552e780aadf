import { describe, expect, test } from '@jest/globals';
import type { Request } from 'express';
import { canReadMetrics } from './metrics-access.ts';

const key = 'watcher_0123456789abcdef';

/** A request over a connection from an address, with these headers. */
const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}): Request =>
  ({ socket: { remoteAddress }, get: (name: string) => headers[name] }) as unknown as Request;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const direct = { TRUST_PROXY: 0 };

describe('metrics are served', () => {
  test.each(['127.0.0.1', '127.8.0.1', '::1', '::ffff:127.0.0.1'])('to this machine: %s', (address) => {
    expect(canReadMetrics(from(address), direct)).toBe(true);
  });

  test('to a caller with the key, from anywhere and through any proxy', () => {
    const settings = { METRICS_KEY: key, TRUST_PROXY: 1 };
    expect(canReadMetrics(from('203.0.113.7', { ...bearer(key), Via: '1.1 proxy' }), settings)).toBe(true);
  });
});

describe('metrics are refused', () => {
  test.each([
    '203.0.113.7',
    '10.0.0.7',
    '192.168.1.7',
    '::ffff:10.0.0.7',
    'fe80::1',
    '',
    'unknown',
    undefined,
  ])('to another machine, near or far: %s', (address) => {
    expect(canReadMetrics(from(address), direct)).toBe(false);
    expect(canReadMetrics(from(address, bearer(`${key}x`)), { ...direct, METRICS_KEY: key })).toBe(false);
  });

  test.each(['Forwarded', 'X-Forwarded-For', 'X-Real-IP', 'Via'])(
    'through a proxy on this machine, which sends %s',
    (header) => {
      expect(canReadMetrics(from('127.0.0.1', { [header]: 'for=127.0.0.1' }), direct)).toBe(false);
    },
  );

  test('to this machine behind a proxy, which may send no header of its own', () => {
    expect(canReadMetrics(from('127.0.0.1'), { TRUST_PROXY: 1 })).toBe(false);
  });

  test('with any key where none is set', () => {
    for (const token of ['undefined', '', key])
      expect(canReadMetrics(from('203.0.113.7', bearer(token)), direct)).toBe(false);
  });
});
