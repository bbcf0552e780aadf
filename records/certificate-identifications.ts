import type { QueryConfig } from 'pg';
import type { CertificateProfile } from '../domain/certificates/profiles.ts';
import type { Database } from '../platform/database.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from './audit.ts';

/** A redeemed certificate identification, as its token opens it. */
export interface StoredCertificateIdentification {
  readonly id: string;
  readonly purpose: string;
  readonly tokenDigest: string;
  readonly profile: CertificateProfile;
  readonly sealedEvidence: string;
  readonly notAfter: Date;
  readonly at: Date;
  /** The message that has used it; null: it is unused. */
  readonly usedBy: string | null;
}

/** Finds the certificate identification of a token that is in force, whether it is used or not: its repetition is answered. */
export async function findCertificateIdentification(
  db: Pick<Database, 'pool'>,
  tokenDigest: string,
  now: Date,
): Promise<StoredCertificateIdentification | undefined> {
  const { rows } = await db.pool.query<StoredCertificateIdentification>({
    name: 'find-certificate-identification',
    text: `
      SELECT id, purpose, "tokenDigest", profile, "sealedEvidence", "notAfter", at, "usedBy" FROM "CertificateIdentification"
      WHERE "tokenDigest" = $1 AND "tokenExpiresAt" > $2 AND "notAfter" > $2`,
    values: [tokenDigest, now],
  });
  return rows[0];
}

/**
 * Reserves a certificate identification for one message: of several at once, one gets it. A repetition of that message gets
 * it again. The trail links each request, and thereby all that comes of it, to the certificate. Returns whether it did.
 */
export async function reserveCertificateIdentification(
  db: Pick<Database, 'pool'>,
  id: string,
  { messageId, requestId }: { messageId: string; requestId: string },
): Promise<boolean> {
  const { rowCount } = await db.pool.query({
    name: 'reserve-certificate-identification',
    text: `
      WITH reserved AS (
        UPDATE "CertificateIdentification" SET "usedBy" = $2::uuid
        WHERE id = $1::uuid AND ("usedBy" IS NULL OR "usedBy" = $2::uuid) RETURNING 1),
      audited AS (
        ${insertIntoAudit} SELECT ${auditPlaceholders(3)} WHERE EXISTS (SELECT FROM reserved) ON CONFLICT DO NOTHING)
      SELECT FROM reserved`,
    values: [
      ...[id, messageId],
      ...auditParameters({ type: 'certificate-used', certificate: id }, { id: requestId, requestId }),
    ],
  });
  return rowCount === 1;
}

/** Locks a certificate identification. */
export const lockCertificate = (id: string): QueryConfig => ({
  name: 'lock-certificate-identification',
  text: 'SELECT 1 FROM "CertificateIdentification" WHERE id = $1::uuid FOR UPDATE',
  values: [id],
});

/** Marks that the message for which it is reserved has its effect, in the transaction of that effect. */
export const spendCertificate = (id: string, messageId: string, at: Date): QueryConfig => ({
  name: 'spend-certificate-identification',
  text: `
    UPDATE "CertificateIdentification" SET "spentAt" = $3
    WHERE id = $1::uuid AND "usedBy" = $2::uuid`,
  values: [id, messageId, at],
});

/**
 * Gives it back after a message that had no effect. Does nothing if it had one after all, or if staged evidence is left, with which
 * the act may still be applied.
 */
export async function releaseCertificateIdentification(
  db: Pick<Database, 'pool'>,
  id: string,
  messageId: string,
): Promise<void> {
  await db.pool.query({
    name: 'release-certificate-identification',
    text: `
      UPDATE "CertificateIdentification" SET "usedBy" = NULL
      WHERE id = $1::uuid AND "usedBy" = $2::uuid AND "spentAt" IS NULL
        AND NOT EXISTS (SELECT FROM "StagedEvidence" WHERE "certificateId" = $1::uuid)`,
    values: [id, messageId],
  });
}
