import type { NationalId } from '../identity/national-id.ts';

/** Who a certificate says that its holder is. Canonical, as the registration office would enter it. */
export interface CertifiedIdentity {
  readonly nationalId: NationalId;
  readonly givenName: string;
  readonly firstSurname: string;
  readonly secondSurname?: string;
}

/** For what a front-end sends a browser to the certificate listener: to identify to a relying party, or for one act. */
export const certificatePurposes = ['identification', 'act'] as const;
export type CertificatePurpose = (typeof certificatePurposes)[number];
