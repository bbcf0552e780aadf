import { z } from 'zod';
import { certificateProfileNames } from '../../domain/certificates/profiles.ts';
import { after } from '../../domain/durations.ts';
import { languages } from '../../domain/languages.ts';
import { receiptLife } from '../../domain/limits.ts';
import type { SealKey } from '../../platform/cades-signature.ts';
import type { Database } from '../../platform/database.ts';
import { sealPdf } from '../../platform/pdf-seal.ts';
import { receiptDocument, renewalReceiptDocument } from '../../platform/receipt-document.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { instant } from '../http/fields.ts';

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

/** Where the receipt of an act is read, in the reply to that act. */
export const actReceipt = z
  .object({
    id: z.guid().meta({ description: 'Read at `/receipts/{id}`, with the Bearer of this call.' }),
    expiresAt: instant,
  })
  .meta({ id: 'ActReceipt' });
export type ActReceipt = z.infer<typeof actReceipt>;

/**
 * Keeps what the receipt of an act shows, encrypted, for an hour and for the Bearer that did the act: the document is written
 * when it is read, so that no file with the code is kept. Safe to run twice.
 */
export async function keepReceipt(
  { db, ring }: { db: Pick<Database, 'prisma'>; ring: KeyRing },
  { actId, tokenDigest }: { actId: string; tokenDigest: string },
  content: ActReceiptContent,
): Promise<ActReceipt> {
  const expiresAt = new Date(after(Date.parse(content.issuedAt), receiptLife));
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
