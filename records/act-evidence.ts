import type { QueryConfig } from 'pg';
import type { EvidencedAct } from '../domain/registration/evidenced-acts.ts';
import type { Database } from '../platform/database.ts';

/** Evidence of an act that is about to be done, sealed under the id of the act. */
export interface StagedEvidence {
  readonly actId: string;
  readonly kind: EvidencedAct;
  readonly sealed: string;
  readonly certificateId: string;
}

/** Stages the evidence of an act for the transaction that applies it, since no message carries it. A repetition adds nothing. */
export const stageEvidence = (
  { pool }: Pick<Database, 'pool'>,
  { actId, kind, sealed, certificateId }: StagedEvidence,
): Promise<unknown> =>
  pool.query({
    name: 'stage-evidence',
    text: `
      INSERT INTO "StagedEvidence" ("actId", kind, sealed, "certificateId") VALUES ($1::uuid, $2, $3, $4::uuid)
      ON CONFLICT DO NOTHING`,
    values: [actId, kind, sealed, certificateId],
  });

/** Discards the staged evidence of an act that was refused or has failed: it is not applied any more. */
export const discardEvidence = ({ pool }: Pick<Database, 'pool'>, actId: string): Promise<unknown> =>
  pool.query({
    name: 'discard-evidence',
    text: 'DELETE FROM "StagedEvidence" WHERE "actId" = $1::uuid',
    values: [actId],
  });

/**
 * Keeps the staged evidence of an act, in the transaction that applies it, and marks the certificate as spent. Its row count is 0
 * if none was staged, or if it is kept already.
 */
export const keepEvidence = (actId: string, citizenId: string, at: Date): QueryConfig => ({
  name: 'keep-evidence',
  text: `
    WITH staged AS (DELETE FROM "StagedEvidence" WHERE "actId" = $1::uuid RETURNING kind, sealed, "certificateId"),
    spent AS (
      UPDATE "CertificateIdentification" SET "spentAt" = $3::timestamptz WHERE id = (SELECT "certificateId" FROM staged))
    INSERT INTO "ActEvidence" ("actId", "citizenId", kind, sealed, at)
    SELECT $1::uuid, $2::uuid, kind, sealed, $3::timestamptz FROM staged ON CONFLICT DO NOTHING`,
  values: [actId, citizenId, at],
});
