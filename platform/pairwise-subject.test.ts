import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pairwiseSubject } from './pairwise-subject.ts';

const key = Buffer.alloc(32, 7);

describe('a subject', () => {
  // Computed with Python: hmac.new(bytes([7]) * 32, b'<length>:<sector>9:<national id>', sha256). Parties keep them for ever.
  test.each([
    ['hacienda.example', '12345678Z', '4O3wPaE_riiosufD4ZzzFLedj5TsAp4pkeHWWPcn_kg'],
    ['hacienda.example', 'X2482300W', 'xdeJowknFt5Z78BEcaLaXhn_gQDfvFo2aErHJ5IbaTM'],
    ['seguridad-social.example', '12345678Z', 'oTGF_GaVtj9kbVR-0wps3bUEAjFIFCVWjS_v7X1Mhqg'],
    ['educación', '12345678Z', 'g5ZfKI5spjV1V6C7BfizrDpKQ8nmnMvQ958YSt8-PEU'],
  ])('of the sector %s and %s is always %s', (sector, nationalId, subject) => {
    expect(pairwiseSubject(key, { sector, nationalId })).toBe(subject);
  });

  test('differs wherever sector, national id or key do, also where their text runs together', () => {
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, text, (sector, nationalId, otherSector, otherId) => {
        fc.pre(sector !== otherSector || nationalId !== otherId);
        const other = { sector: otherSector, nationalId: otherId };
        expect(pairwiseSubject(key, { sector, nationalId })).not.toBe(pairwiseSubject(key, other));
      }),
    );
    expect(pairwiseSubject(key, { sector: 'ab', nationalId: 'c' })).not.toBe(
      pairwiseSubject(key, { sector: 'a', nationalId: 'bc' }),
    );
    const one = { sector: 'a', nationalId: '12345678Z' };
    expect(pairwiseSubject(Buffer.alloc(32, 8), one)).not.toBe(pairwiseSubject(key, one));
  });
});
