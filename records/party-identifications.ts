import type { QueryConfig } from 'pg';
import { before } from '../domain/durations.ts';
import { partyIdentifications } from '../domain/limits.ts';
import { executeStatement, type Queries } from '../platform/database.ts';

/**
 * Voids a citizen's identifications to relying parties, those of the last hours (`partyIdentifications`): what a relying party
 * may have of them can no longer be read, and a notice of logout is stored for each. In the transaction of what voids them.
 */
export const voidIdentificationsStatement = (citizenId: string, at: Date): QueryConfig => ({
  name: 'void-identifications',
  text: `
    WITH voided AS (
      UPDATE "Identification" SET "voidedAt" = $2::timestamptz
      WHERE "citizenId" = $1::uuid AND "voidedAt" IS NULL AND at > $3::timestamptz
      RETURNING id, "relyingPartyId")
    INSERT INTO "LogoutNotice" (id, "identificationId", "relyingPartyId")
    SELECT gen_random_uuid(), id, "relyingPartyId" FROM voided ON CONFLICT DO NOTHING`,
  values: [citizenId, at, new Date(before(at.getTime(), partyIdentifications.voidable))],
});

/** The same through Prisma. */
export const voidIdentifications = async (
  tx: Pick<Queries, '$executeRawUnsafe'>,
  citizenId: string,
  at: Date,
): Promise<void> => {
  await executeStatement(tx, voidIdentificationsStatement(citizenId, at));
};
