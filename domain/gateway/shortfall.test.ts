import { expect, test } from '@jest/globals';
import type { Level, Means, RegistrationLevel } from '../assurance.ts';
import { type Acceptance, provenBy, type Shortfall, shortfallsOf } from './shortfall.ts';

const any: Acceptance = { floor: 'low', registrationFloor: null, means: [] };

test.each<[Means, RegistrationLevel, Partial<Acceptance>, Level, Shortfall[]]>([
  ['password', 'advanced', {}, 'low', []],
  ['password', 'advanced', {}, 'substantial', ['level']],
  // The lower of the two does not weaken the higher one, whichever it is.
  ['password', 'advanced', { floor: 'substantial' }, 'low', ['level']],
  ['password-sms', 'advanced', { floor: 'substantial' }, 'low', []],
  ['password-sms', 'advanced', { floor: 'low' }, 'high', ['level']],
  ['password-sms', 'advanced', { floor: 'high' }, 'low', ['level']],
  ['password-sms', 'basic', {}, 'substantial', ['level']],
  ['password-sms', 'basic', { registrationFloor: 'basic' }, 'low', []],
  ['password-sms', 'basic', { registrationFloor: 'advanced' }, 'low', ['registration']],
  ['password', 'advanced', { means: ['password-sms', 'certificate'] }, 'low', ['means']],
  ['password-sms', 'advanced', { means: ['password-sms', 'certificate'] }, 'low', []],
  [
    'password',
    'basic',
    { means: ['certificate'], registrationFloor: 'advanced' },
    'high',
    ['level', 'means', 'registration'],
  ],
  // A row of a later release.
  ['password-sms', 'advanced', { floor: 'utmost' }, 'low', ['level']],
  ['password-sms', 'advanced', { registrationFloor: 'utmost' }, 'low', ['registration']],
])(
  '%s after a registration of level %s, for %j, asked for %s, lacks %j',
  (means, registration, party, requested, lacking) => {
    expect(shortfallsOf(provenBy(means, registration), { ...any, ...party }, requested)).toEqual(lacking);
  },
);
