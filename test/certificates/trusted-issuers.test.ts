import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import {
  type Authority,
  authorityNames,
  newAuthority,
  newIssuer,
  newKey,
  newRoot,
} from '../../local/card-reader/pki/authorities.ts';
import { certificateKinds } from '../../local/card-reader/pki/certificate-kinds.ts';
import { directoryName } from '../../local/card-reader/pki/certificate-names.ts';
import type { DemoIssuer } from '../../local/card-reader/pki/demo-pki.ts';
import type { Der } from '../../local/card-reader/pki/der.ts';
import { authority, certificatePolicies, permittedNames } from '../../local/card-reader/pki/extensions.ts';
import { lucia } from '../../local/card-reader/pki/holders.ts';
import { certificatePem, issueCertificate } from '../../local/card-reader/pki/issue-certificate.ts';
import { bundleOf, day, demoVerification, resultOf } from './demo-verification.ts';
import { respondersUrl } from './responders-in-memory.ts';

const now = new Date('2026-11-29T10:00:00Z');
const { entries, newVerifier } = demoVerification(now);

describe('an issuer of the bundle', () => {
  const root = newRoot(authorityNames['dnie-root'], now);
  const spain = permittedNames(directoryName({ C: 'ES' }));
  const issuerWith = (...extensions: readonly Der[]) =>
    newAuthority(authorityNames.dnie, { root, now, extensions: [authority(0), ...extensions] });
  const ofAnyPolicy = certificatePolicies('2.5.29.32.0');

  /** What becomes of a certificate of the DNIe, or of another kind, which an issuer of its own has issued. */
  async function resultBelow(issuer: Authority, kind: 'dnie' | 'fnmt' = 'dnie'): Promise<string> {
    const another: DemoIssuer = { id: 'dnie', root, issuer, responder: issuer, revoked: [] };
    const entry = kind === 'dnie' ? entries[0] : entries[1];
    const source = {
      ocsp: [{ url: `${respondersUrl}/ocsp/another` }],
      crl: [],
      certificate: certificatePem(issuer.certificate),
    };
    const bundle = bundleOf([{ ...entry, root: certificatePem(root.certificate), issuers: [source] }]);
    const leaf = issueCertificate(issuer, {
      ...certificateKinds[kind](lucia),
      publicKey: createPublicKey(newKey()),
      notBefore: new Date(now.getTime() - day),
      notAfter: new Date(now.getTime() + day),
    });
    return resultOf(await newVerifier({ bundle, extra: { another } }).verifier.verify([leaf]));
  }

  test.each<[string, Authority, string]>([
    ['certifies names that it may', issuerWith(ofAnyPolicy, spain), 'dnie'],
    [
      'certifies other names',
      issuerWith(ofAnyPolicy, permittedNames(directoryName({ C: 'FR' }))),
      'bad-chain',
    ],
    ['is certified for the policy', issuerWith(certificatePolicies('2.16.724.1.2.2.2.4')), 'dnie'],
    ['is certified for another policy', issuerWith(certificatePolicies('2.16.724.1.2.2.2.3')), 'bad-chain'],
    ['is certified for no policy', issuerWith(), 'bad-chain'],
    [
      'has expired',
      newIssuer(authorityNames.dnie, { root, now: new Date(now.getTime() - 11 * 365 * day) }),
      'bad-chain',
    ],
  ])('that %s: %s', async (_what, issuer, result) => {
    expect(await resultBelow(issuer)).toBe(result);
  });

  test('may have directory names only where no alternative one escapes them', async () => {
    expect(await resultBelow(issuerWith(ofAnyPolicy), 'fnmt')).toBe('fnmt-natural-person');
    expect(await resultBelow(issuerWith(ofAnyPolicy, spain), 'fnmt')).toBe('bad-chain');
  });
});
