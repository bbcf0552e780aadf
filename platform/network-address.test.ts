import { describe, expect, test } from '@jest/globals';
import { createAddressWarning, parseNetworkAddress, unreadableAddress } from './network-address.ts';

describe('an address as proxies write it', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:40001', '203.0.113.7'],
    ['"203.0.113.7:40001"', '203.0.113.7'],
    ['203.0.113.7:_gazonk', '203.0.113.7'],
    [' 203.0.113.7 ', '203.0.113.7'],
    ['[203.0.113.7]:40001', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:0DB8:0:0::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:40001', '2001:db8::7'],
    ['"[2001:db8::7]:40001"', '2001:db8::7'],
    ['2001:db8:0:0:0:0:0:7:40001', '2001:db8::7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['[::ffff:203.0.113.7]:40001', '203.0.113.7'],
    ['::ffff:203.0.113.7:40001', '203.0.113.7'],
    ['::ffff:cb00:7107', '203.0.113.7'],
    ['fe80::7%eth0', 'fe80::7'],
    ['[fe80::7%25eth0]:40001', 'fe80::7'],
  ])('%j is %s', (text, address) => {
    expect(parseNetworkAddress(text)).toBe(address);
  });

  test.each([
    '',
    'unknown',
    '_hidden',
    'x',
    '1',
    '203.0.113',
    '203.0.113.256',
    '0313.0.113.7',
    '[2001:db8::7',
    '203.0.113.7, 203.0.113.8',
    '2001:db8:::7',
    'localhost:80',
  ])('%j is none', (text) => {
    expect(parseNetworkAddress(text)).toBeUndefined();
  });
});

test('two unreadable addresses are two clients, and neither is an address', () => {
  expect(unreadableAddress('x')).not.toBe(unreadableAddress('y'));
  expect(parseNetworkAddress(unreadableAddress('203.0.113.7'))).toBeUndefined();
  expect(unreadableAddress('x'.repeat(10_000)).length).toBeLessThan(200);
});

test('unreadable addresses are warned of once for many, without their text', () => {
  const warnings: unknown[] = [];
  const warnOf = createAddressWarning({ warn: (...entry) => void warnings.push(entry) });
  warnOf('203.0.113.7');
  expect(warnings).toEqual([]);
  for (const text of ['secret-host', 'another']) warnOf(unreadableAddress(text));
  expect(warnings).toHaveLength(1);
  expect(JSON.stringify(warnings)).not.toContain('secret-host');
});
