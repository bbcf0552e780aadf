import type { QueryConfig } from 'pg';
import type { EvidencedAct } from '../domain/registration/evidenced-acts.ts';
import type { Database } from '../platform/database.ts';

/** Evidence of an act that is about to be done, sealed under the id of the act. */
export interface StagedEvidence {
  readonly actId: string;
  readonly kind: EvidencedAct;
  readonly sealed: string;
}

/** Stages the evidence of an act for the transaction that applies it, since no message carries it. A repetition adds nothing. */
export const stageEvidence = (
  { pool }: Pick<Database, 'pool'>,
  { actId, kind, sealed }: StagedEvidence,
): Promise<unknown> =>
  pool.query({
    name: 'stage-evidence',
    text: `INSERT INTO "StagedEvidence" ("actId", kind, sealed) VALUES ($1::uuid, $2, $3) ON CONFLICT DO NOTHING`,
    values: [actId, kind, sealed],
  });

/** Discards the staged evidence of an act that is refused: it will not be applied. */
export const discardEvidence = ({ pool }: Pick<Database, 'pool'>, actId: string): Promise<unknown> =>
  pool.query({
    name: 'discard-evidence',
    text: 'DELETE FROM "StagedEvidence" WHERE "actId" = $1::uuid',
    values: [actId],
  });

/**
 * Keeps the staged evidence of an act, in the transaction that applies it. Its row count is 0 if none was staged, or if it is
 * kept already.
 */
export const keepEvidence = (actId: string, citizenId: string, at: Date): QueryConfig => ({
  name: 'keep-evidence',
  text: `
    WITH staged AS (DELETE FROM "StagedEvidence" WHERE "actId" = $1::uuid RETURNING kind, sealed)
    INSERT INTO "ActEvidence" ("actId", "citizenId", kind, sealed, at)
    SELECT $1::uuid, $2::uuid, kind, sealed, $3::timestamptz FROM staged ON CONFLICT DO NOTHING`,
  values: [actId, citizenId, at],
});
