import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CertificateRefusal } from '../../domain/certificates/certificate-refusals.ts';
import { type CardId, cardIds } from '../../local/card-reader/pki/cards.ts';
import { lucia, petra, vicent } from '../../local/card-reader/pki/holders.ts';
import { day, demoVerification, resultOf } from './demo-verification.ts';
import { hostileCertificates } from './hostile-certificates.ts';

const now = new Date('2026-11-29T10:00:00Z');
const { pki, newVerifier, cardOf, presented } = demoVerification(now);

describe('a card of the demo', () => {
  const expected: Record<CardId, string> = {
    dnie: 'dnie',
    'old-dnie': 'dnie',
    fnmt: 'fnmt-natural-person',
    accv: 'accv-citizen',
    representative: 'not-a-natural-person',
    expired: 'expired',
    'not-yet-valid': 'not-yet-valid',
    revoked: 'revoked',
    'revoked-in-list': 'revoked',
    'somebody-else': 'dnie',
  };
  test.each(cardIds)('is accepted as its profile, or refused with its reason: %s', async (id) => {
    const { verifier } = newVerifier();
    expect(resultOf(await verifier.verify(presented(id)))).toBe(expected[id]);
    // Without what a card may send along: the issuers are those of the bundle.
    expect(resultOf(await verifier.verify(presented(id).slice(0, 1)))).toBe(expected[id]);
  });

  test.each([
    ['dnie', lucia],
    ['old-dnie', lucia],
    ['fnmt', lucia],
    ['accv', vicent],
    ['somebody-else', petra],
  ] as const)('says who holds it, and with what that can be proved later: %s', async (id, holder) => {
    const verification = await newVerifier().verifier.verify(presented(id));
    expect(verification).toMatchObject({ kind: 'accepted', identity: holder, revocation: { kind: 'ocsp' } });
    if (verification.kind !== 'accepted') throw new Error('refused');
    expect(Object.keys(verification.identity).toSorted()).toEqual(Object.keys(holder).toSorted());
    expect(verification.certificates.map((der) => Buffer.from(der))).toEqual(presented(id));
    expect(verification.notAfter.getTime()).toBeGreaterThan(now.getTime() + 365 * day);
    expect(verification.revocation.answer.length).toBeGreaterThan(100);
  });
});

describe('what is no good certificate', () => {
  const hostile = hostileCertificates(pki, now);
  const expected: Record<keyof typeof hostile, CertificateRefusal> = {
    'the signature certificate of the DNIe': 'wrong-key-use',
    'a pseudonym': 'pseudonym',
    'a wrong letter': 'data-disagree',
    'an alternative name of somebody else': 'data-disagree',
    'an organisation in the subject': 'not-a-natural-person',
    'a self-signed one': 'not-accepted',
    'an unknown issuer': 'not-accepted',
    'a forged issuer of the same name': 'bad-chain',
    'a wrong policy': 'not-accepted',
    'the policy of another issuer': 'not-accepted',
    'no policy': 'not-accepted',
    'any policy': 'not-accepted',
    'an end-entity certificate as an issuer': 'bad-chain',
    'an authority below an issuer that may have none': 'bad-chain',
    'an authority in the place of a person': 'bad-chain',
    'an unknown critical extension': 'bad-chain',
    'an extension twice': 'bad-chain',
    'a key for signing only': 'wrong-key-use',
    'a key without a usage': 'wrong-key-use',
    'a key for mail only': 'wrong-key-use',
    'a chain of fifty': 'bad-chain',
    'a loop': 'not-accepted',
    'a hundred names': 'not-accepted',
    'one MiB': 'not-accepted',
    'one MiB of nothing': 'not-accepted',
    'no certificate': 'not-accepted',
    'an empty one': 'not-accepted',
  };
  test.each(Object.entries(expected))(
    'is refused with its reason, and no responder asked: %s',
    async (what, reason) => {
      const { verifier, responders } = newVerifier();
      expect(await verifier.verify(hostile[what as keyof typeof hostile])).toEqual({
        kind: 'refused',
        reason,
      });
      expect(responders.asked).toEqual([]);
    },
  );

  test('is nothing at all', async () => {
    expect(await newVerifier().verifier.verify([])).toEqual({ kind: 'refused', reason: 'none-sent' });
  });

  test('is a certificate of which any octet was changed', async () => {
    const { verifier } = newVerifier();
    const [leaf = Buffer.alloc(0)] = presented('fnmt');
    await fc.assert(
      fc.asyncProperty(fc.nat(leaf.length - 1), fc.integer({ min: 1, max: 255 }), async (index, mask) => {
        const changed = Buffer.from(leaf);
        changed[index] = (changed[index] ?? 0) ^ mask;
        expect((await verifier.verify([changed])).kind).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });

  test('is refused and never throws: any octets, and any beginning of a certificate', async () => {
    const { verifier } = newVerifier();
    const [leaf = Buffer.alloc(0)] = presented('accv');
    const octets = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.nat(leaf.length - 1).map((length) => new Uint8Array(leaf.subarray(0, length))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(octets, { minLength: 1, maxLength: 3 }), async (list) => {
        expect((await verifier.verify(list)).kind).toBe('refused');
      }),
      { numRuns: 300 },
    );
  });
});

describe('the dates of a certificate', () => {
  const { certificate } = cardOf('fnmt');
  const notBefore = now.getTime() - 0.003 * 365 * day;
  const notAfter = now.getTime() + 2 * 365 * day;
  const second = 1000;
  test.each([
    ['five minutes before it begins, by clocks that differ', notBefore - 299 * second, 'fnmt-natural-person'],
    ['longer before', notBefore - 302 * second, 'not-yet-valid'],
    ['in its last second', notAfter - second, 'fnmt-natural-person'],
    ['after it', notAfter + second, 'expired'],
  ])('count to the second: %s', async (_when, at, result) => {
    const { verifier } = newVerifier({ at: new Date(at) });
    expect(resultOf(await verifier.verify([certificate]))).toBe(result);
  });
});
