import type { CertifiedIdentity } from '../../domain/certificates/certified-identity.ts';
import { type CertificateProfile, certificateProfiles } from '../../domain/certificates/profiles.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import type { StoredCertificateIdentification } from '../../records/certificate-identifications.ts';
import { type CertificateEvidence, openEvidence } from './evidence.ts';

/** Who holds the certificate of a token. The identity is that of the evidence: nothing of it is ever typed. */
export interface CertificateHolder {
  readonly certificateId: string;
  readonly profile: CertificateProfile;
  readonly identity: CertifiedIdentity;
  /** The DNIe, which alone counts as an identification in person ([clave]). */
  readonly isStrong: boolean;
  readonly evidence: CertificateEvidence;
}

/** Opens the evidence of a certificate identification. @throws Error if it was changed */
export function certificateHolder(
  ring: KeyRing,
  { id, profile, sealedEvidence }: StoredCertificateIdentification,
): CertificateHolder {
  const evidence = openEvidence(ring, id, sealedEvidence);
  const { isStrong } = certificateProfiles[profile];
  return { certificateId: id, profile, identity: evidence.identity, isStrong, evidence };
}
