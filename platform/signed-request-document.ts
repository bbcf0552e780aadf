import { createHash, X509Certificate } from 'node:crypto';
import type { CertifiedIdentity } from '../domain/certificates/certified-identity.ts';
import type { CertificateProfile } from '../domain/certificates/profiles.ts';
import { fullName } from '../domain/identity/person-name.ts';
import { phoneInGroups } from '../domain/identity/phone-groups.ts';
import type { Language } from '../domain/languages.ts';
import type { EvidencedAct } from '../domain/registration/evidenced-acts.ts';
import { dateTimeText } from './date-texts.ts';
import { receiptTexts } from './locales.ts';
import { type ListItem, taggedPdf } from './tagged-pdf.ts';

/** What the answer about the certificate is: that of a responder, a list, or the digest of a list that is too long to keep. */
export type RevocationEvidence = 'ocsp' | 'crl' | 'crl-digest';

/** A request as it was made, and what was found of the certificate. */
export interface SignedRequest {
  readonly kind: EvidencedAct;
  readonly language: Language;
  readonly at: Date;
  readonly profile: CertificateProfile;
  readonly identity: CertifiedIdentity;
  /** The certificate, then those of its issuers (DER). */
  readonly certificates: readonly [Buffer, ...Buffer[]];
  readonly revocation: { readonly kind: RevocationEvidence; readonly answer: Buffer };
  /** Of a registration: what was declared, and the version of the conditions that was accepted. */
  readonly declared?: { readonly email: string; readonly phone: string; readonly acceptedVersion: string };
}

/**
 * The document that, sealed by the service, stands for the citizen's signature under a request (docs/adr/0063): who asked for what
 * and when, and all that lets somebody else verify the certificate, attached. It has no activation code.
 */
export function signedRequestDocument(request: SignedRequest): Promise<Buffer> {
  const { kind, language, at, profile, identity, declared, revocation } = request;
  const t = receiptTexts(language);
  const [certificate, ...issuers] = request.certificates;
  const { subject, issuer, serialNumber } = new X509Certificate(certificate);
  return taggedPdf({ title: t('request.title'), language, at }, (document) => {
    document.paragraph(t('request.received', { date: dateTimeText(at.toISOString(), language) }));
    document.paragraph(t(`request.${kind}`, { version: declared?.acceptedVersion ?? '' }), true);
    document.heading(t('data'));
    document.list([
      item(t('national-id'), identity.nationalId),
      item(t('name'), fullName(identity)),
      ...(declared
        ? [item(t('email'), declared.email), item(t('phone'), phoneInGroups(declared.phone))]
        : []),
    ]);
    document.heading(t('request.certificate'));
    document.list([
      item(t('request.certificate'), t(`certificate.${profile}`)),
      item(t('request.subject'), onOneLine(subject)),
      item(t('request.issuer'), onOneLine(issuer)),
      item(t('request.serial'), serialNumber),
      item('SHA-256', createHash('sha256').update(certificate).digest('hex')),
      item(t('request.status'), t(revocation.kind === 'ocsp' ? 'request.ocsp' : 'request.crl')),
    ]);
    document.paragraph(t('request.attachments'));
    const attach = (file: string, content: Buffer) =>
      document.attach({ name: file, description: file, content });
    attach('certificate.cer', certificate);
    issuers.forEach((each, index) => {
      attach(`issuer-${index + 1}.cer`, each);
    });
    attach(statusFile[revocation.kind], revocation.answer);
  });
}

/** The names of the files with the answer about the certificate. */
const statusFile = { ocsp: 'status.ors', crl: 'status.crl', 'crl-digest': 'status.crl.sha256' } as const;

const item = (name: string, text: string): ListItem => ({ label: `${name}: `, text });
const onOneLine = (name: string): string => name.split('\n').join(', ');
