import { expect, test } from '@jest/globals';
import { createAddressBudget } from './address-budget.ts';

test('an address has its budget in each period, and none beyond it', () => {
  let nowMs = 1_000;
  const spentUntilMs = createAddressBudget({ max: 3, per: 'PT1M' }, () => nowMs);
  const ask = () => spentUntilMs('192.0.2.1');
  expect([ask(), ask(), ask()]).toEqual([undefined, undefined, undefined]);
  expect([ask(), spentUntilMs('192.0.2.2')]).toEqual([61_000, undefined]);
  nowMs = 60_999;
  expect(ask()).toBe(61_000);
  nowMs = 61_000;
  expect(ask()).toBeUndefined();
});

test.each([
  ['an IPv4 address in each of its spellings', ['192.0.2.1', '::ffff:192.0.2.1', '192.0.2.1:4711']],
  ['an IPv6 /64', ['2001:db8:1:2::1', '2001:db8:1:2:ffff::1', '[2001:db8:1:2::3]:4711']],
])('%s is one', (_what, addresses) => {
  const spentUntilMs = createAddressBudget({ max: addresses.length - 1, per: 'PT1M' });
  expect(addresses.map((address) => spentUntilMs(address) !== undefined)).toEqual(
    addresses.map((_address, index) => index === addresses.length - 1),
  );
});

test.each([
  ['the /64 beside it', ['2001:db8:1:2::1', '2001:db8:1:3::1']],
  ['another text that is no address', ['_hidden', '_other']],
])('%s has a budget of its own', (_what, addresses) => {
  const spentUntilMs = createAddressBudget({ max: 1, per: 'PT1M' });
  expect(addresses.map((address) => spentUntilMs(address))).toEqual([undefined, undefined]);
});

test('an IPv6 /48 has the budget of 64 addresses, of which one /64 that asks without end uses up no more than its own', () => {
  const spentUntilMs = createAddressBudget({ max: 1, per: 'PT1M' });
  const isRefused = (address: string) => spentUntilMs(address) !== undefined;
  const within = (count: number, first = 0) =>
    Array.from({ length: count }, (_, index) => isRefused(`2001:db8:1:${(first + index).toString(16)}::1`));
  for (let times = 0; times < 100; times += 1) isRefused('2001:db8:1::1');
  expect(within(63, 1)).toEqual(Array(63).fill(false));
  expect([isRefused('2001:db8:1:ff::1'), isRefused('2001:db8:2::1')]).toEqual([true, false]);
});
