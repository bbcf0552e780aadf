import type { Certificate } from 'pkijs';
import type { CertificateProfile } from '../../domain/certificates/profiles.ts';

/** A responder of OCSP: where it is asked, and the one certificate that may sign its answers, if that is fixed. */
export interface TrustedResponder {
  readonly url: string;
  readonly certificate?: Certificate;
}

/** An issuer whose certificates of some policies are accepted as a profile, and who is asked what it has revoked. */
export interface TrustedIssuer {
  readonly profile: CertificateProfile;
  readonly policies: readonly string[];
  readonly root: Certificate;
  /** The issuer first, then who certified it, without the root. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly ocsp: readonly TrustedResponder[];
  /** Where the lists are. */
  readonly crl: readonly string[];
}

/** The issuers that an operator has reviewed: nothing else is accepted, and no other address is asked. */
export interface TrustBundle {
  readonly issuers: readonly TrustedIssuer[];
}
