import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pageNames } from '../../portal/pages.ts';
import { allCombinations, allPairs, type Parameters } from './all-pairs.ts';
import { matrixRows } from './page-matrix.ts';
import { pageStates } from './page-states.ts';

const parameters: fc.Arbitrary<Parameters> = fc
  .array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 })
  .map((sizes) =>
    Object.fromEntries(
      sizes.map((size, index) => [`p${index}`, Array.from({ length: size }, (_, value) => value)]),
    ),
  );

/** Every pair of values of two parameters that a row has. */
const pairsOf = (row: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(row).flatMap(([a, x]) =>
    Object.entries(row).flatMap(([b, y]) => (a < b ? [`${a}=${x} ${b}=${y}`] : [])),
  );

test('every pair of values is in a row, and rows are few', () => {
  fc.assert(
    fc.property(parameters, (given) => {
      const rows = allPairs(given);
      const wanted = new Set(allCombinations(given).flatMap(pairsOf));
      expect(new Set(rows.flatMap(pairsOf))).toEqual(wanted);
      const [first = 0, second = 0] = Object.values(given)
        .map(({ length }) => length)
        .sort((a, b) => b - a);
      expect(rows.length).toBeGreaterThanOrEqual(first * second);
      expect(rows.length).toBeLessThanOrEqual(2 * first * second);
      expect(rows).toEqual(allPairs(given));
    }),
  );
});

test('the page tests have every page, and every pair of state, language, width and colour scheme', () => {
  expect(pageStates).toEqual(expect.arrayContaining(pageNames));
  const rows = matrixRows('pairs');
  const all = matrixRows('all');
  expect(new Set(rows.flatMap(pairsOf))).toEqual(new Set(all.flatMap(pairsOf)));
  expect(all.length).toBe(pageStates.length * 6 * 3 * 2);
  expect(rows.length).toBeLessThan(all.length / 5);
});
