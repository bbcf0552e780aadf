import { expect, test } from '@jest/globals';
import { internationalPhone } from './spoken-phone.ts';

test.each([
  '612345678',
  '612 34 56 78',
  '612.345.678',
  '612-345-678',
  '612·345·678',
  '612\u00a0345\u2011678',
  '\u202a612345678\u202c',
  '34612345678',
  '0034 612 345 678',
  '(0034) 612345678',
])('%j is a Spanish mobile', (typed) => {
  expect(internationalPhone(typed)).toBe('+34612345678');
});

test.each(['+34612345678', '+351 912 345 678', '912345678', '61234567', '6123456789', 'seis uno dos', ''])(
  '%j stays as it is typed',
  (typed) => {
    expect(internationalPhone(typed)).toBe(typed);
  },
);
