import { X509Certificate } from 'node:crypto';
import { type Certificate, CertificateChainValidationEngine } from 'pkijs';
import type { TrustedIssuer } from '../trust/trust-bundle.ts';
import {
  directoryNameType,
  extensionIds,
  parsedExtension,
  type ReadCertificate,
} from './read-certificate.ts';

/** What a critical extension may be: what is checked, here or by pkijs. [RFC5280] 4.2 */
const knownExtensions: readonly string[] = Object.values(extensionIds);
const anyPolicy = '2.5.29.32.0';

/** SHA-256, -384 and -512 with RSA (PKCS#1 and PSS) or ECDSA. SHA-1 can be forged. */
const signatureAlgorithms: readonly string[] = [
  ...['1.2.840.113549.1.1.10', '1.2.840.113549.1.1.11', '1.2.840.113549.1.1.12', '1.2.840.113549.1.1.13'],
  ...['1.2.840.10045.4.3.2', '1.2.840.10045.4.3.3', '1.2.840.10045.4.3.4'],
];

/**
 * Whether a certificate leads by its issuer to the issuer's root: signatures, dates, basic constraints, name constraints and
 * policies, by pkijs, and what pkijs leaves out. All but the certificate itself comes from the trust bundle.
 */
export async function isPathValid(
  { certificate: leaf, node, names }: ReadCertificate,
  { chain, root, policies }: TrustedIssuer,
  now: Date,
): Promise<boolean> {
  try {
    if (![leaf, ...chain].every(isWellFormed) || isAuthority(leaf)) return false;
    if (!chain.every((issuer) => permitsPolicies(issuer, policies))) return false;
    // pkijs holds such constraints against the subject only, and the identity may be read from an alternative name.
    if (names.directoryNames.length > 0 && chain.some(constrainsDirectoryNames)) return false;
    // asn1js reads ECDSA signatures that are no DER; OpenSSL does not.
    if (!node.verify(publicKeyOf(chain[0]))) return false;
    const engine = new CertificateChainValidationEngine({
      trustedCerts: [root],
      // pkijs takes the last one for the certificate that is to be validated.
      certs: [...chain.toReversed(), leaf],
      checkDate: now,
    });
    const { result } = await engine.verify({ initialPolicySet: [...policies] });
    return result;
  } catch {
    return false;
  }
}

/** Signed in a way that holds, no extension twice, and none critical that nobody checks. */
function isWellFormed({ signatureAlgorithm, signature, extensions = [] }: Certificate): boolean {
  const ids = extensions.map(({ extnID }) => extnID);
  return (
    signatureAlgorithms.includes(signatureAlgorithm.algorithmId) &&
    signature.algorithmId === signatureAlgorithm.algorithmId &&
    new Set(ids).size === ids.length &&
    extensions.every(({ critical, extnID }) => !critical || knownExtensions.includes(extnID))
  );
}

const publicKeyOf = (certificate: Certificate) =>
  new X509Certificate(Buffer.from(certificate.toSchema().toBER())).publicKey;

const isAuthority = (certificate: Certificate): boolean =>
  parsedExtension(certificate, extensionIds.basicConstraints)?.cA === true;

function constrainsDirectoryNames(issuer: Certificate): boolean {
  const constraints = parsedExtension(issuer, extensionIds.nameConstraints);
  const subtrees = [constraints?.permittedSubtrees ?? [], constraints?.excludedSubtrees ?? []].flat();
  return (subtrees as { base: { type: number } }[]).some(({ base }) => base.type === directoryNameType);
}

/** pkijs takes an issuer without policies for one of any policy; by [RFC5280] 6.1.3 it has none. */
function permitsPolicies(issuer: Certificate, policies: readonly string[]): boolean {
  const named = parsedExtension(issuer, extensionIds.certificatePolicies)?.certificatePolicies as
    | { policyIdentifier: string }[]
    | undefined;
  return named?.some(({ policyIdentifier: id }) => id === anyPolicy || policies.includes(id)) ?? false;
}
