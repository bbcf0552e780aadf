import { expect, test } from '@jest/globals';
import type { Level } from '../../domain/assurance.ts';
import type { RelyingPartyView } from './identification-request.ts';
import { offeredMeans, usableMeans } from './offered-means.ts';

const party = (means?: readonly string[]) => ({ means }) as RelyingPartyView;
const usable = (floor: Level, means?: readonly string[], insufficient: 'password'[] = []) =>
  usableMeans(offeredMeans({ floor, relyingParty: party(means) }, insufficient));

test('offers what the relying party accepts, and nothing below the floor', () => {
  expect(usable('low')).toEqual(['password', 'password-sms']);
  expect(usable('low', ['password-sms'])).toEqual(['password-sms']);
  expect(usable('low', [])).toEqual(['password', 'password-sms']);
  expect(usable('substantial')).toEqual(['password-sms']);
  expect(usable('substantial', ['password'])).toEqual([]);
  expect(usable('high')).toEqual([]);
});

test('lists a means below the floor with the reason, one that is not accepted not at all, and for high what it needs', () => {
  expect(offeredMeans({ floor: 'substantial', relyingParty: party() })).toEqual([
    { means: 'password', level: 'low', obstacle: 'below-floor' },
    { means: 'password-sms', level: 'substantial' },
  ]);
  expect(offeredMeans({ floor: 'high', relyingParty: party(['password-sms']) })).toEqual([
    { means: 'password-sms', level: 'substantial', obstacle: 'below-floor' },
    { means: 'dnie', level: 'high', obstacle: 'not-available' },
  ]);
});

test('offers a means that the API has not found enough no more', () => {
  expect(usable('low', undefined, ['password'])).toEqual(['password-sms']);
});
