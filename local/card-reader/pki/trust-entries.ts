import { type CertificateProfile, certificateProfiles } from '../../../domain/certificates/profiles.ts';
import type { DemoIssuer, DemoPki, IssuerId } from './demo-pki.ts';
import { certificatePem } from './issue-certificate.ts';

/** Which issuer certifies for which profile. That of representatives is for none. */
const profiles = {
  dnie: 'dnie',
  fnmt: 'fnmt-natural-person',
  accv: 'accv-citizen',
} as const satisfies Partial<Record<IssuerId, CertificateProfile>>;

/** Where the responder of an issuer answers, below the URL of all of them. */
export const ocspPath = (id: IssuerId): string => `/ocsp/${id}`;
export const crlPath = (id: IssuerId): string => `/crl/${id}`;

/** The content of CERTIFICATE_TRUST_FILE for the demo. `respondersUrl`: of the HTTP server of the responders. */
export const demoTrustEntries = ({ issuers }: DemoPki, respondersUrl: string) =>
  Object.entries(profiles).map(([id, profile]) =>
    trustEntry(issuers[id as IssuerId], profile, respondersUrl),
  );

const trustEntry = ({ id, root, issuer }: DemoIssuer, profile: CertificateProfile, url: string) => ({
  profile,
  root: certificatePem(root.certificate),
  issuers: [
    {
      certificate: certificatePem(issuer.certificate),
      ocsp: [{ url: `${url}${ocspPath(id)}` }],
      crl: [`${url}${crlPath(id)}`],
    },
  ],
  policies: [...certificateProfiles[profile].policies],
});
