import { describe, expect, test } from '@jest/globals';
import { day, demoVerification, resultOf } from './demo-verification.ts';
import type { ResponderMode } from './responders-in-memory.ts';

const now = new Date('2026-11-29T10:00:00Z');
const { newVerifier, presented } = demoVerification(now);

describe('whether a certificate is revoked', () => {
  const broken: ResponderMode[] = ['down', 'noise', 'stale', 'other-serial', 'other-issuer'];
  test.each(broken)(
    'is unknown if neither responder nor list says so in a way to rely on: %s',
    async (mode) => {
      const { verifier, responders } = newVerifier();
      responders.ocsp = mode;
      responders.crl = mode;
      for (const id of ['dnie', 'fnmt', 'accv'] as const)
        expect(await verifier.verify(presented(id))).toEqual({
          kind: 'refused',
          reason: 'revocation-unknown',
        });
    },
  );

  test.each(broken)('is asked of the list where the responder is no use: %s', async (mode) => {
    const { verifier, responders } = newVerifier();
    responders.ocsp = mode;
    expect(await verifier.verify(presented('fnmt'))).toMatchObject({
      kind: 'accepted',
      revocation: { kind: 'crl' },
    });
    expect(resultOf(await verifier.verify(presented('revoked')))).toBe('revoked');
  });

  test('is asked anew each time, unless answers are kept', async () => {
    const { verifier, responders } = newVerifier();
    await verifier.verify(presented('fnmt'));
    await verifier.verify(presented('fnmt'));
    expect(responders.asked).toEqual(['/ocsp/fnmt', '/ocsp/fnmt']);
  });

  test('is read from one list for all certificates of an issuer, while it is kept', async () => {
    const { verifier, responders, time } = newVerifier({ answersKeptMs: 300_000 });
    const fetched = () => responders.asked.filter((path) => path.startsWith('/crl/')).length;
    responders.ocsp = 'down';
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('fnmt-natural-person');
    time.at = new Date(now.getTime() + 299_000);
    expect(resultOf(await verifier.verify(presented('revoked-in-list')))).toBe('revoked');
    expect(fetched()).toBe(1);
    time.at = new Date(now.getTime() + 300_000);
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('fnmt-natural-person');
    expect(fetched()).toBe(2);
  });

  test.each([
    ['as long as the setting says', 3_600_000, 3_599_000, 3_601_000],
    ['never longer than the answer holds', 10 * day, day / 2 - 61_000, day / 2],
  ])('is kept %s', async (_what, answersKeptMs, within, later) => {
    const { verifier, responders, time } = newVerifier({ answersKeptMs });
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('fnmt-natural-person');
    responders.ocsp = 'down';
    responders.crl = 'down';
    time.at = new Date(now.getTime() + within);
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('fnmt-natural-person');
    expect(resultOf(await verifier.verify(presented('dnie')))).toBe('revocation-unknown');
    time.at = new Date(now.getTime() + later);
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('revocation-unknown');
  });

  test('is not told by an earlier list that is sent again', async () => {
    const { verifier, responders, time } = newVerifier();
    responders.ocsp = 'down';
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('fnmt-natural-person');
    time.answersAt = new Date(now.getTime() - 3_600_000);
    expect(resultOf(await verifier.verify(presented('fnmt')))).toBe('revocation-unknown');
  });
});
