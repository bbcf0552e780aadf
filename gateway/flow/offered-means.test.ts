import { expect, test } from '@jest/globals';
import type { Level } from '../../domain/assurance.ts';
import type { RelyingPartyView } from './identification-request.ts';
import { offeredMeans, usableMeans } from './offered-means.ts';

const party = (means?: readonly string[]) => ({ means }) as RelyingPartyView;
const usable = (floor: Level, means?: readonly string[], insufficient: 'password'[] = []) =>
  usableMeans(offeredMeans({ floor, relyingParty: party(means) }, insufficient));

const certificates = ['certificate', 'dnie'];

test('offers what the relying party accepts, and nothing below the floor', () => {
  expect(usable('low')).toEqual(['password', 'password-sms', ...certificates]);
  expect(usable('low', ['password-sms'])).toEqual(['password-sms']);
  expect(usable('low', [])).toEqual(['password', 'password-sms', ...certificates]);
  expect(usable('substantial')).toEqual(['password-sms', ...certificates]);
  expect(usable('substantial', ['password'])).toEqual([]);
  expect(usable('high')).toEqual(['dnie']);
});

test('the DNIe is accepted where certificates are, and other certificates not where the DNIe is', () => {
  expect(usable('low', ['certificate'])).toEqual(certificates);
  expect(usable('high', ['certificate'])).toEqual(['dnie']);
  expect(usable('low', ['dnie'])).toEqual(['dnie']);
});

test('lists a means below the floor with the reason, and one that is not accepted not at all', () => {
  expect(offeredMeans({ floor: 'high', relyingParty: party(['password-sms', 'dnie']) })).toEqual([
    { means: 'password-sms', level: 'substantial', isWithPassword: true, obstacle: 'below-floor' },
    { means: 'dnie', level: 'high', isWithPassword: false },
  ]);
});

test('offers a means that the API has not found enough no more', () => {
  expect(usable('low', ['password', 'password-sms'], ['password'])).toEqual(['password-sms']);
});
