import { z } from 'zod';
import { certificateProfileNames } from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { type Language, languages } from '../../domain/languages.ts';
import { receiptLife } from '../../domain/limits.ts';
import type { SealKey } from '../../platform/cades-signature.ts';
import type { Database } from '../../platform/database.ts';
import { sealPdf } from '../../platform/pdf-seal.ts';
import { receiptDocument, renewalReceiptDocument } from '../../platform/receipt-document.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { type CertificateRequest, signedRequestDocument } from '../../platform/signed-request-document.ts';
import type { StoredCertificateIdentification } from '../../records/certificate-identifications.ts';
import { openEvidence } from '../certificates/evidence.ts';

/** A request that was made with a certificate. */
interface ActRequest {
  readonly actId: string;
  readonly kind: CertificateRequest;
  readonly language: Language;
  readonly at: Date;
  readonly certificate: StoredCertificateIdentification;
  readonly declared?: { readonly email: string; readonly phone: string; readonly acceptedVersion: string };
}

/**
 * The evidence of an act, for the row `ActEvidence`: the signed request, sealed by the service, and encrypted. It takes the place
 * of the citizen's signature and has no activation code.
 */
export async function actEvidence(
  { actId, kind, language, at, certificate, declared }: ActRequest,
  { ring, sealKey }: { ring: KeyRing; sealKey: SealKey },
): Promise<string> {
  const { identity, certificates, revocation } = openEvidence(
    ring,
    certificate.id,
    certificate.sealedEvidence,
  );
  const [leaf, ...issuers] = certificates.map((each) => Buffer.from(each, 'base64'));
  if (!leaf) throw new Error('evidence without a certificate');
  const document = await signedRequestDocument({
    ...{ kind, language, at, identity, profile: certificate.profile },
    certificates: [leaf, ...issuers],
    revocation: { kind: revocation.kind, answer: Buffer.from(revocation.answer, 'base64') },
    ...(declared && { declared }),
  });
  return ring.seal('act-evidence', actId, await sealPdf(document, sealKey, at));
}

/** What the receipt of an act shows. Instants in ISO 8601. */
const contentSchema = z.object({
  language: z.enum(languages),
  issuedAt: z.string(),
  nationalId: z.string(),
  name: z.string(),
  profile: z.enum(certificateProfileNames),
  /** Of an act that issued one. */
  activationCode: z.string().optional(),
  declared: z.object({ email: z.string(), phone: z.string() }).optional(),
  /** Of a renewal: the end of the five years. */
  until: z.string().optional(),
});
export type ActReceiptContent = z.infer<typeof contentSchema>;

/**
 * Keeps what the receipt of an act shows, encrypted, for an hour and for the Bearer that did the act: the document is written
 * when it is read, so that no file with the code is kept. Safe to run twice.
 */
export async function keepReceipt(
  { db, ring }: { db: Database; ring: KeyRing },
  { actId, tokenDigest, at }: { actId: string; tokenDigest: string; at: Date },
  content: ActReceiptContent,
): Promise<{ id: string; expiresAt: string }> {
  const expiresAt = new Date(after(at.getTime(), receiptLife));
  const sealed = ring.seal('act-receipt', actId, Buffer.from(JSON.stringify(content)));
  await db.prisma.actReceipt.createMany({
    data: [{ id: actId, tokenDigest, sealed, expiresAt }],
    skipDuplicates: true,
  });
  return { id: actId, expiresAt: expiresAt.toISOString() };
}

/** Writes and seals the receipt. `address`: of the citizens' pages, in its language. */
export async function writeReceipt(
  { id, sealed }: { id: string; sealed: string },
  { ring, sealKey, portalUrl, now }: { ring: KeyRing; sealKey: SealKey; portalUrl: string; now: Date },
): Promise<Buffer> {
  const content = contentSchema.parse(JSON.parse(ring.open('act-receipt', id, sealed).toString()));
  const { activationCode, until, profile, language } = content;
  const before = { certificate: profile };
  const document = await (activationCode
    ? receiptDocument({ ...content, activationCode }, { ...before, address: `${portalUrl}/${language}` })
    : renewalReceiptDocument({ ...content, until: until ?? content.issuedAt }, before));
  return sealPdf(document, sealKey, now);
}
