import type { QueryConfig } from 'pg';
import type { IdentificationKind, JourneyOutcome } from '../domain/journeys.ts';
import { executeStatement, type Queries } from '../platform/database.ts';
import { insertIntoAudit } from './audit.ts';

/** The end of each row of `ended` in the audit trail. */
const endsInAudit = `
    ${insertIntoAudit}
    SELECT id || '/journey-finished', 'journey-finished', jsonb_build_object('kind', kind, 'outcome', outcome),
      "citizenId", id, NULL, "requestId"
    FROM ended ON CONFLICT DO NOTHING`;

/** Only identifications store their proof: in the row of a journey of the workflow the column is null. */
export const isIdentification = 'proof IS NOT NULL';

/**
 * Ends the open identifications of a citizen, or only those of one kind and relying party, and audits each end, in the
 * transaction of what ends them. One that was left alone until then has timed out.
 */
export const endIdentificationsStatement = (
  citizenId: string,
  outcome: Extract<JourneyOutcome, 'blocked' | 'superseded'>,
  at: Date,
  only?: { readonly kind: IdentificationKind; readonly relyingPartyId: string | null },
): QueryConfig => ({
  name: 'end-identifications',
  text: `
    WITH ended AS (
      UPDATE "Journey" SET
        -- The instant of a workflow's message may be earlier than a start that came while PostgreSQL was away.
        "finishedAt" = greatest("startedAt", least("expiresAt", $3::timestamptz)),
        outcome = CASE WHEN "expiresAt" <= $3::timestamptz THEN 'timed-out' ELSE $2 END
      WHERE "citizenId" = $1::uuid AND ${isIdentification} AND "finishedAt" IS NULL
        AND ($4::text IS NULL OR (kind = $4 AND "relyingPartyId" IS NOT DISTINCT FROM $5))
      RETURNING id, kind, outcome, "citizenId", "requestId")
    ${endsInAudit}`,
  values: [citizenId, outcome, at, only?.kind ?? null, only?.relyingPartyId ?? null],
});

/** The same through Prisma. */
export const endIdentifications = async (
  tx: Pick<Queries, '$executeRawUnsafe'>,
  ...which: Parameters<typeof endIdentificationsStatement>
): Promise<void> => {
  await executeStatement(tx, endIdentificationsStatement(...which));
};

/** Ends every open identification as superseded: those in a restored backup may have been ended since it was made. */
export const endAllIdentifications = `
    WITH ended AS (
      UPDATE "Journey" SET "finishedAt" = least(now(), "expiresAt"), outcome = 'superseded'
      WHERE ${isIdentification} AND "finishedAt" IS NULL
      RETURNING id, kind, outcome, "citizenId", "requestId")
    ${endsInAudit}`;

/** Writes that identifications left alone have timed out: at most `$2` of those that expired before `$1`. For upkeep. */
export const endExpiredIdentifications = `
    WITH due AS MATERIALIZED (
      SELECT id FROM "Journey" WHERE ${isIdentification} AND "finishedAt" IS NULL AND "expiresAt" <= $1
      LIMIT $2 FOR UPDATE SKIP LOCKED),
    ended AS (
      UPDATE "Journey" SET "finishedAt" = "expiresAt", outcome = 'timed-out' WHERE id IN (SELECT id FROM due)
      RETURNING id, kind, outcome, "citizenId", "requestId")
    ${endsInAudit}`;
