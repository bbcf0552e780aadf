import { expect, test } from '@jest/globals';
import { maskAddress } from './client-address.ts';

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
