import type { CertificateRefusal } from '../../domain/certificates/certificate-refusals.ts';
import type { CertificatePurpose } from '../../domain/certificates/certified-identity.ts';
import { certificateVisits } from '../../domain/limits.ts';
import type { Database } from '../../platform/database.ts';

/** A row of `CertificateTicket`: one visit of a browser to the certificate listener. */
export interface StoredTicket {
  readonly id: string;
  readonly purpose: CertificatePurpose;
  readonly returnUrl: string;
  readonly expiresAt: Date;
  readonly lastRefusal: CertificateRefusal | null;
  readonly acceptedAt: Date | null;
}

const columns = 'id, purpose, "returnUrl", "expiresAt", "lastRefusal", "acceptedAt"';

/** Finds a ticket by its id, or by the digest of its token. */
export async function findTicket(
  { pool }: Pick<Database, 'pool'>,
  by: { readonly id: string } | { readonly tokenDigest: string },
): Promise<StoredTicket | undefined> {
  const byId = 'id' in by;
  const { rows } = await pool.query<StoredTicket>({
    name: byId ? 'find-certificate-ticket' : 'find-certificate-ticket-by-token',
    text: `SELECT ${columns} FROM "CertificateTicket" WHERE ${byId ? 'id' : '"tokenDigest"'} = $1`,
    values: [byId ? by.id : by.tokenDigest],
  });
  return rows[0];
}

/** For SQL: whether nothing has been accepted for a ticket, and its time is not over; `$2` is the instant. */
export const isPending = '"acceptedAt" IS NULL AND "expiresAt" > $2';

/**
 * Counts one presentation, in one statement: of several at once no more than the limit get in, and the repetition of the latest
 * message is not counted again. Returns when the ticket expires, or undefined if it takes no certificate (any more).
 */
export async function countPresentation(
  { pool }: Pick<Database, 'pool'>,
  { id, messageId }: { id: string; messageId: string },
  now: Date,
): Promise<Date | undefined> {
  const { rows } = await pool.query<{ expiresAt: Date }>({
    name: 'count-certificate-presentation',
    text: `
      UPDATE "CertificateTicket"
      SET presentations = presentations + ("begunBy" IS DISTINCT FROM $3::uuid)::int, "begunBy" = $3::uuid
      WHERE id = $1 AND ${isPending}
        AND (presentations < ${certificateVisits.presentations} OR "begunBy" = $3::uuid) RETURNING "expiresAt"`,
    values: [id, now, messageId],
  });
  return rows[0]?.expiresAt;
}
