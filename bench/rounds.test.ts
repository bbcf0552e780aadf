import { describe, expect, test } from '@jest/globals';
import { alternately, compareRounds, quantile, spreadOf } from './rounds.ts';

describe('a spread', () => {
  test.each([
    [[5], { median: 5, least: 5, most: 5 }],
    [[9, 1, 4], { median: 4, least: 1, most: 9 }],
    [[8, 2, 4, 10], { median: 6, least: 2, most: 10 }],
  ])('of %j', (values, spread) => {
    expect(spreadOf(values)).toEqual(spread);
  });

  test('of nothing is none', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

test('a quantile is the value below which that share lies', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect([quantile(hundred, 0), quantile(hundred, 0.5), quantile(hundred, 0.99)]).toEqual([1, 51, 100]);
  expect(quantile([7], 0.99)).toBe(7);
});

test('baseline and product are measured next to each other, in changing order', async () => {
  const order: string[] = [];
  const side = (name: string) => async () => order.push(name);
  expect(await alternately(3, side('baseline'), side('product'))).toEqual([
    { baseline: 1, product: 2 },
    { baseline: 4, product: 3 },
    { baseline: 5, product: 6 },
  ]);
  expect(order).toEqual(['baseline', 'product', 'product', 'baseline', 'baseline', 'product']);
});

test('a ratio is the median of the rounds’ own, not that of the medians', () => {
  const pairs = [
    { baseline: 100, product: 90 },
    { baseline: 10, product: 5 },
    { baseline: 50, product: 40 },
  ];
  expect(compareRounds(pairs)).toEqual({
    baseline: { median: 50, least: 10, most: 100 },
    product: { median: 40, least: 5, most: 90 },
    ratio: { median: 0.8, least: 0.5, most: 0.9 },
  });
});
