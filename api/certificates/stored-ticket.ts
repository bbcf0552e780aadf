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
  readonly presentations: number;
  readonly lastRefusal: CertificateRefusal | null;
  readonly acceptedAt: Date | null;
}

const columns = 'id, purpose, "returnUrl", "expiresAt", presentations, "lastRefusal", "acceptedAt"';

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

/** Whether a certificate may be presented for a ticket at an instant (ms). */
export const isOpen = ({ acceptedAt, expiresAt, presentations }: StoredTicket, nowMs: number): boolean =>
  acceptedAt === null && expiresAt.getTime() > nowMs && presentations < certificateVisits.presentations;

/** For SQL: the same, `$2` being the instant. */
export const isOpenTicket = `"acceptedAt" IS NULL AND "expiresAt" > $2
  AND presentations < ${certificateVisits.presentations}`;
