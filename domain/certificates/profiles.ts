import type { Means } from '../assurance.ts';

/**
 * The certificates that are accepted, by the policy that the certificate names: a closed table. `isStrong`: the card of the
 * national police, which alone renews the five years ([clave]: "no other digital certificate is valid"). `policies`: the
 * object identifiers of the practice statements; the trust bundle says which issuers may issue them.
 */
export const certificateProfiles = {
  /** The authentication certificate of the national identity card; its signature certificate is not for authentication. */
  dnie: { means: 'dnie', isStrong: true, policies: ['2.16.724.1.2.2.2.4'] },
  /** The natural person's certificate of the national mint (FNMT). */
  'fnmt-natural-person': { means: 'certificate', isStrong: false, policies: ['1.3.6.1.4.1.5734.3.10.1'] },
  /** The citizen's certificate of the Valencian certification agency (ACCV). */
  'accv-citizen': { means: 'certificate', isStrong: false, policies: ['1.3.6.1.4.1.8149.3.6.9.0'] },
} as const satisfies Record<string, CertificateRules>;

interface CertificateRules {
  readonly means: Means;
  readonly isStrong: boolean;
  readonly policies: readonly string[];
}

export type CertificateProfile = keyof typeof certificateProfiles;

export const certificateProfileNames = Object.keys(certificateProfiles) as [
  CertificateProfile,
  ...CertificateProfile[],
];
