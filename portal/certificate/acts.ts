import type { WordingKey } from '../../web/views/wording.ts';

/** What a citizen can do with a certificate, in the order of the list. */
export const certificateActs = [
  'registration',
  'sign-in',
  'code-regeneration',
  'password-change',
  'identification-renewal',
  'unsubscription',
] as const;
export type CertificateAct = (typeof certificateActs)[number];

/** The act of a form field or an address; undefined for any other text. */
export const certificateAct = (name: string): CertificateAct | undefined =>
  certificateActs.find((act) => act === name);

/** The template of the page on which an act is done, once the certificate has been redeemed. */
export const actTemplates: Readonly<Record<CertificateAct, string>> = {
  registration: 'certificate/registration.njk',
  'sign-in': 'certificate/confirmation.njk',
  'code-regeneration': 'certificate/confirmation.njk',
  'password-change': 'certificate/new-password.njk',
  'identification-renewal': 'certificate/confirmation.njk',
  unsubscription: 'certificate/confirmation.njk',
};

/** The acts that issue something for the citizen to keep, and the title of the page that shows it. */
export const issuedTitles = {
  registration: 'certificate.issued.registration',
  'code-regeneration': 'certificate.issued.code-regeneration',
  'identification-renewal': 'certificate.issued.identification-renewal',
} as const satisfies Partial<Record<CertificateAct, WordingKey>>;
export type IssuingAct = keyof typeof issuedTitles;
