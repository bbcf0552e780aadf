import { expect, test } from '@jest/globals';
import { acrOf, acrValues, requestedFloor } from './floor.ts';

const [low = '', substantial = '', high = ''] = acrValues;
const floorOf = (listed: string | undefined, ...acrClaims: unknown[]) =>
  requestedFloor({ acrValues: listed, acrClaims });

test.each([
  ['nothing', undefined, [], undefined],
  ['one level', substantial, [], 'substantial'],
  ['of several the lowest', `${high} ${substantial}`, [], 'substantial'],
  ['unknown beside known', `urn:x ${high}`, [], 'high'],
  ['a claim with a value', undefined, [{ essential: true, value: substantial }], 'substantial'],
  ['a claim with values', undefined, [{ values: [high, substantial] }], 'substantial'],
  ['a claim without values', undefined, [null, { essential: true }], undefined],
  ['of both ways the higher', low, [{ value: substantial }], 'substantial'],
  ['in either order', substantial, [{ value: low }], 'substantial'],
])('%s', (_what, listed, claims, floor) => {
  expect(floorOf(listed, ...claims)).toEqual({ kind: 'floor', floor });
});

test.each([
  ['unknown values only', 'urn:x urn:y', []],
  ['an empty list', ' ', []],
  ['an unknown value in claims', undefined, [{ value: 'loa3' }]],
  ['unknown values in claims beside a known list', low, [{ values: ['loa3'] }]],
  ['values that are no list', undefined, [{ values: substantial }]],
  ['a value that is no text', undefined, [{ value: 2 }]],
  ['a list in the list', undefined, [{ values: [[high]] }]],
  ['a claim that is no object', undefined, ['high']],
])('%s are refused', (_what, listed, claims) => {
  expect(floorOf(listed, ...claims)).toMatchObject({ kind: 'invalid' });
});

test('the values are those of eIDAS', () => {
  expect(acrOf('high')).toBe('http://eidas.europa.eu/LoA/high');
});
