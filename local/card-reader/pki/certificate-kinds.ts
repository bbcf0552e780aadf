import type { NameAttributes } from './certificate-names.ts';
import type { Der } from './der.ts';
import {
  certificatePolicies,
  clientAuthentication,
  emailProtection,
  endEntity,
  extendedKeyUsage,
  keyUsage,
  subjectAlternativeName,
} from './extensions.ts';
import {
  accvAlternativeName,
  accvSubject,
  dnieSubject,
  fnmtAlternativeName,
  fnmtSubject,
  type Holder,
  representativeSubject,
} from './holders.ts';

/** What a certificate of one kind says of its holder. */
export interface KindOfCertificate {
  readonly subject: NameAttributes;
  readonly extensions: readonly Der[];
}

/** The kinds of certificates that demo cards hold, in the shapes of their issuers. */
export const certificateKinds = {
  /** No extended key usage. */
  dnie: (holder: Holder): KindOfCertificate => ({
    subject: dnieSubject(holder),
    extensions: [endEntity(), keyUsage('digitalSignature'), certificatePolicies('2.16.724.1.2.2.2.4')],
  }),
  /** The other certificate of the DNIe, not for authentication. */
  'dnie-signature': (holder: Holder): KindOfCertificate => ({
    subject: dnieSubject(holder, 'FIRMA'),
    extensions: [endEntity(), keyUsage('contentCommitment'), certificatePolicies('2.16.724.1.2.2.2.3')],
  }),
  fnmt: (holder: Holder): KindOfCertificate => ({
    subject: fnmtSubject(holder),
    extensions: fnmtExtensions(fnmtAlternativeName(holder), '1.3.6.1.4.1.5734.3.10.1'),
  }),
  representative: (holder: Holder): KindOfCertificate => ({
    subject: representativeSubject(holder),
    extensions: fnmtExtensions(fnmtAlternativeName(holder), '1.3.6.1.4.1.5734.3.11.1'),
  }),
  accv: (holder: Holder): KindOfCertificate => ({
    subject: accvSubject(holder),
    extensions: [
      endEntity(),
      keyUsage('digitalSignature', 'contentCommitment', 'keyEncipherment'),
      extendedKeyUsage(clientAuthentication, emailProtection),
      certificatePolicies('1.3.6.1.4.1.8149.3.6.9.0'),
      subjectAlternativeName(accvAlternativeName(holder)),
    ],
  }),
} as const;

/** The extensions of a certificate of the FNMT. */
export const fnmtExtensions = (alternativeName: Der, ...policies: readonly string[]): Der[] => [
  endEntity(),
  keyUsage('digitalSignature', 'contentCommitment', 'keyEncipherment'),
  extendedKeyUsage(clientAuthentication, emailProtection),
  certificatePolicies(...policies),
  subjectAlternativeName(alternativeName),
];
