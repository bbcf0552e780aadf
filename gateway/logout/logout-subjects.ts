import type { Pool } from 'pg';
import { lengthMs } from '../../domain/durations.ts';
import { partyIdentifications } from '../../domain/limits.ts';
import { removeInBatches } from '../flow/remove-in-batches.ts';

/** Whom a relying party knows by an identification: what a notice of logout names. */
export interface LogoutSubject {
  readonly identificationId: string;
  readonly relyingPartyId: string;
  readonly subject: string;
  /** Its own id of what the party has opened with the identification: `sid` of OpenID Connect. */
  readonly sid: string;
}

/** Notices can be sent for so long (s) after an identification was told: as long as it can be voided. */
const keptSeconds = lengthMs(partyIdentifications.voidable) / 1_000;

/** Keeps whom a notice will name, when the relying party is told of an identification. A repetition changes nothing. */
export async function saveLogoutSubject(
  db: Pick<Pool, 'query'>,
  { identificationId, relyingPartyId, subject, sid }: LogoutSubject,
): Promise<void> {
  await db.query({
    name: 'insert-logout-subject',
    text: `
      INSERT INTO "LogoutSubject" ("identificationId", "relyingPartyId", subject, sid, "expiresAt")
      VALUES ($1::uuid, $2, $3, $4, now() + $5 * interval '1 second') ON CONFLICT DO NOTHING`,
    values: [identificationId, relyingPartyId, subject, sid, keptSeconds],
  });
}

/** The condition that an identification was voided: there is a notice then. `identificationId`: an expression of SQL. */
export const voidedCondition = (identificationId: string): string =>
  `EXISTS (SELECT 1 FROM "LogoutNotice" notice WHERE notice."identificationId" = ${identificationId})`;

/**
 * Whether an identification was voided before its relying party was told: the notice found nobody to tell. To be asked after the
 * subject was saved: either the notice finds that, or this finds the notice.
 */
export async function isVoided(db: Pick<Pool, 'query'>, identificationId: string): Promise<boolean> {
  const { rows } = await db.query<{ isVoided: boolean }>({
    name: 'find-notice-of-identification',
    text: `SELECT ${voidedCondition('$1::uuid')} AS "isVoided"`,
    values: [identificationId],
  });
  return rows[0]?.isVoided ?? true;
}

/** Removes the subjects of logouts that are over, a batch at a time. A notice that is still being tried needs its subject. */
export const removeExpiredSubjects = (db: Pick<Pool, 'query'>): Promise<void> =>
  removeInBatches(
    db,
    'remove-expired-logout-subjects',
    // Nobody changes such a row, and the role may not lock it (it has no UPDATE): who comes second deletes nothing.
    `DELETE FROM "LogoutSubject" WHERE "identificationId" IN (
       SELECT "identificationId" FROM "LogoutSubject" known WHERE "expiresAt" < now() AND NOT EXISTS (
         SELECT 1 FROM "LogoutNotice" notice WHERE notice."identificationId" = known."identificationId"
           AND notice."deliveredAt" IS NULL AND notice."failedAt" IS NULL)
       ORDER BY "expiresAt" LIMIT $1)`,
  );
