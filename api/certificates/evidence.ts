import { z } from 'zod';
import type { CertifiedIdentity } from '../../domain/certificates/certified-identity.ts';
import { parseNationalId } from '../../domain/identity/national-id.ts';
import type { KeyRing } from '../../platform/secrets.ts';

export const revocationKinds = ['ocsp', 'crl', 'crl-digest'] as const;
export type RevocationKind = (typeof revocationKinds)[number];

/** What was found of a certificate when it was verified: what an act done with it is proved by later. DER in base64. */
export interface CertificateEvidence {
  readonly identity: CertifiedIdentity;
  /** The certificate, then those of its issuers. */
  readonly certificates: readonly string[];
  /**
   * The answer of the responder, or the list, by which it was not revoked. `crl-digest`: the SHA-256 of a list that is too
   * long to be kept for each act; its issuer publishes and archives it.
   */
  readonly revocation: { readonly kind: RevocationKind; readonly answer: string };
}

const schema = z.object({
  identity: z.object({
    nationalId: z.string().transform((text, context) => {
      const parsed = parseNationalId(text);
      if (parsed.ok) return parsed.value;
      context.addIssue('not a national id');
      return z.NEVER;
    }),
    givenName: z.string(),
    firstSurname: z.string(),
    secondSurname: z.string().optional(),
  }),
  certificates: z.array(z.string()),
  revocation: z.object({ kind: z.enum(revocationKinds), answer: z.string() }),
});

/** Encrypts evidence for the row of its certificate identification. */
export const sealEvidence = (ring: KeyRing, id: string, evidence: CertificateEvidence): string =>
  ring.seal('certificate-evidence', id, Buffer.from(JSON.stringify(evidence)));

/** @throws Error if it was changed, or is that of another row */
export const openEvidence = (ring: KeyRing, id: string, sealed: string): CertificateEvidence =>
  schema.parse(JSON.parse(ring.open('certificate-evidence', id, sealed).toString())) as CertificateEvidence;
