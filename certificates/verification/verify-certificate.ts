import { isOrganization, refusalOfPolicies } from '../../domain/certificates/certificate-policies.ts';
import type { CertificateRefusal } from '../../domain/certificates/certificate-refusals.ts';
import type { CertifiedIdentity } from '../../domain/certificates/certified-identity.ts';
import type { CertificateProfile } from '../../domain/certificates/profiles.ts';
import { readIdentity } from '../../domain/certificates/read-identity.ts';
import { after } from '../../domain/durations.ts';
import { certificateChecks } from '../../domain/limits.ts';
import { createRevocationCheck, type RevocationDependencies } from '../revocation/check-revocation.ts';
import type { TrustBundle, TrustedIssuer } from '../trust/trust-bundle.ts';
import { isForAuthentication } from './key-usage.ts';
import { type ReadCertificate, readCertificate } from './read-certificate.ts';
import { isPathValid } from './validate-path.ts';

/** What came of a certificate. `certificates`: DER, the leaf first, then its issuers without the root. */
export type Verification =
  | {
      readonly kind: 'accepted';
      readonly profile: CertificateProfile;
      readonly identity: CertifiedIdentity;
      readonly notAfter: Date;
      readonly certificates: readonly Uint8Array[];
      readonly revocation: { readonly kind: 'ocsp' | 'crl'; readonly answer: Uint8Array };
    }
  | { readonly kind: 'refused'; readonly reason: CertificateRefusal };

export interface VerifierDependencies extends RevocationDependencies {
  readonly trust: TrustBundle;
}

export interface Verifier {
  /** `presented`: DER, the leaf first, as the client sent it. */
  verify(presented: readonly Uint8Array[]): Promise<Verification>;
}

const refused = (reason: CertificateRefusal): Verification => ({ kind: 'refused', reason });

/**
 * Verifies presented certificates, in this order, so that nothing unbounded is read, the cheap comes before the dear, and no
 * responder is asked about what is refused anyway: something was sent; bounds; what its policies rule out; issuer and policy,
 * by the trust bundle; dates; path; key usage; identity; revocation (docs/adr/0061).
 *
 * Of what was sent only the leaf is used. Its issuers are those of the trust bundle; the others tell a chain that leads to
 * one of them, and is none (`bad-chain`), from a stranger's (`not-accepted`).
 */
export function createVerifier({ trust, ...dependencies }: VerifierDependencies): Verifier {
  const checkRevocation = createRevocationCheck(dependencies);
  const { clock } = dependencies;

  return {
    async verify(presented) {
      const [first, ...others] = presented;
      if (!first) return refused('none-sent');
      if (others.length >= certificateChecks.presented) return refused('bad-chain');
      const leaf = readCertificate(first);
      if (!leaf) return refused('not-accepted');
      const ruledOut = refusalOfPolicies(leaf.policies);
      if (ruledOut) return refused(ruledOut);
      const issuer = findIssuer(trust, leaf);
      if (!issuer) return refused(reasonWithoutIssuer(trust, leaf, others));
      return (await refusalBeforeRevocation(leaf, issuer)) ?? acceptUnlessRevoked(leaf, issuer);
    },
  };

  async function refusalBeforeRevocation(leaf: ReadCertificate, issuer: TrustedIssuer) {
    const nowMs = clock.now();
    if (leaf.notBefore.getTime() > after(nowMs, certificateChecks.clockSkew)) return refused('not-yet-valid');
    if (leaf.notAfter.getTime() < nowMs) return refused('expired');
    // A certificate that has just begun by its issuer's clock: pkijs knows no skew.
    const checkedAt = new Date(Math.max(nowMs, leaf.notBefore.getTime()));
    if (!(await isPathValid(leaf, issuer, checkedAt))) return refused('bad-chain');
    return isForAuthenticationSafely(leaf) ? undefined : refused('wrong-key-use');
  }

  async function acceptUnlessRevoked(leaf: ReadCertificate, issuer: TrustedIssuer): Promise<Verification> {
    const { profile, chain } = issuer;
    const identity = readIdentity(profile, leaf.names);
    if (!identity.ok) return refused(identity.code);
    const revocation = await checkRevocation(leaf.certificate, issuer);
    if (!revocation) return refused('revocation-unknown');
    if (revocation.status === 'revoked') return refused('revoked');
    return {
      kind: 'accepted',
      profile,
      identity: identity.value,
      notAfter: leaf.notAfter,
      certificates: [leaf.der, ...chain.map((certificate) => new Uint8Array(certificate.toSchema().toBER()))],
      revocation: { kind: revocation.kind, answer: revocation.answer },
    };
  }
}

/** The issuer of the bundle that has the name of the leaf's, for one of the leaf's policies. */
const findIssuer = ({ issuers }: TrustBundle, { certificate, policies }: ReadCertificate) =>
  issuers.find(
    (issuer) =>
      issuer.chain[0].subject.isEqual(certificate.issuer) &&
      issuer.policies.some((policy) => policies.includes(policy)),
  );

/** Why a certificate is of no issuer and policy of the bundle. */
function reasonWithoutIssuer(
  trust: TrustBundle,
  leaf: ReadCertificate,
  others: readonly Uint8Array[],
): CertificateRefusal {
  if (isOrganization(leaf.names.subject)) return 'not-a-natural-person';
  const known = trust.issuers.flatMap(({ chain, root }) => [...chain, root]);
  const isKnown = ({ certificate }: ReadCertificate) =>
    known.some(({ subject }) => subject.isEqual(certificate.issuer));
  // Of a known issuer with another policy.
  if (trust.issuers.some(({ chain }) => chain[0].subject.isEqual(leaf.certificate.issuer)))
    return 'not-accepted';
  const chain = others.map(readCertificate);
  return chain.some((above) => above && isKnown(above)) ? 'bad-chain' : 'not-accepted';
}

/** An extension that cannot be parsed permits nothing. */
function isForAuthenticationSafely({ certificate }: ReadCertificate): boolean {
  try {
    return isForAuthentication(certificate);
  } catch {
    return false;
  }
}
