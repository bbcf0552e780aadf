import type {
  StrongIdentification,
  StrongIdentificationMeans,
} from '../domain/registration/strong-identification.ts';
import { type Database, executeStatement, type Queries } from '../platform/database.ts';
import { keepEvidence } from '../records/act-evidence.ts';
import { audit } from '../records/audit.ts';
import { lockCitizen } from '../records/closures.ts';
import { withTransaction } from './transaction.ts';

/**
 * Keeps the evidence of an act that was done with a certificate, in the transaction that applies it.
 * @throws Error if there is none: no such act is applied without
 */
export async function keepEvidenceOf(
  tx: Pick<Queries, '$executeRawUnsafe'>,
  actId: string,
  citizenId: string,
  at: Date,
): Promise<void> {
  if ((await executeStatement(tx, keepEvidence(actId, citizenId, at))) === 0)
    throw new Error('an act without its evidence');
}

export interface RenewIdentification {
  readonly renewalId: string;
  readonly citizenId: string;
  readonly by: StrongIdentificationMeans;
  /** Absent: with the DNIe. */
  readonly officerId?: string;
  readonly requestId: string;
  readonly renewedAtMs: number;
}

/**
 * Records that the identity was proved in person again. Returns what stands, which is a later renewal if this is an old one.
 * Safe to run twice: an existing event means that it is done.
 */
export const renewIdentification = (
  db: Database,
  { renewalId, citizenId, by, officerId, requestId, renewedAtMs }: RenewIdentification,
): Promise<Pick<StrongIdentification, 'atMs' | 'by'>> =>
  withTransaction(db, async (tx) => {
    await executeStatement(tx, lockCitizen(citizenId));
    const stamp = { id: renewalId, citizenId, officerId, requestId };
    const isNew = await audit(tx, { type: 'identification-renewed', by }, stamp);
    const at = new Date(renewedAtMs);
    if (isNew && !officerId) await keepEvidenceOf(tx, renewalId, citizenId, at);
    const data = isNew ? { strongIdentifiedAt: at, strongIdentifiedBy: by } : {};
    const { strongIdentifiedAt, strongIdentifiedBy } = await tx.citizen.update({
      where: { id: citizenId },
      data,
      select: { strongIdentifiedAt: true, strongIdentifiedBy: true },
    });
    return {
      atMs: (strongIdentifiedAt ?? at).getTime(),
      by: (strongIdentifiedBy ?? by) as StrongIdentificationMeans,
    };
  });
