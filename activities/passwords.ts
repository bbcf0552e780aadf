import type { QueryConfig } from 'pg';
import type { Authority, JourneyOutcome, WorkflowJourneyKind } from '../domain/journeys.ts';
import type { Database } from '../platform/database.ts';
import { auditStatement } from '../records/audit.ts';
import { lockCitizen } from '../records/closures.ts';
import { endIdentificationsStatement } from '../records/identifications.ts';
import { completeJourney } from '../records/journeys.ts';
import { clearConsecutiveOtpCounts } from '../records/otp-counts.ts';
import { findValidAuthority, lockPassword } from './authority.ts';
import { withRawTransaction } from './transaction.ts';

export interface SavePassword {
  readonly passwordId: string;
  readonly citizenId: string;
  readonly journeyId: string;
  readonly kind: WorkflowJourneyKind;
  readonly outcome: JourneyOutcome;
  readonly finishedBy: string;
  readonly requestId: string;
  readonly setAtMs: number;
  readonly expiresAtMs: number;
  /** For a change or renewal: the password, and the session if there is one, on which it rests. */
  readonly authority?: Authority;
}

/** Whether a password is blocked. Only reads. */
export const isPasswordBlocked = async (db: Pick<Database, 'prisma'>, id: string): Promise<boolean> =>
  (await db.prisma.password.count({ where: { id, blockedAt: { not: null } } })) > 0;

/**
 * Puts a staged password in force, in place of any other, completes its journey, and ends every session except the one
 * that changed it: one transaction, so that password and outcome of the journey are written together. The staged row must be
 * unused, and belong to this citizen and journey. Safe to run twice: a password in force under this id was saved by the
 * first run.
 */
export const savePassword = (
  db: Database,
  password: SavePassword,
): Promise<{ kind: 'saved' | 'refused' | 'superseded' }> => {
  const { citizenId, authority } = password;
  return withRawTransaction<Found, { kind: 'saved' | 'refused' | 'superseded' }>(
    db,
    find(password),
    async (tx, [found]) => {
      if (found?.isSaved) return { kind: 'saved' };
      // The journey was lost with an older backup: without its row its outcome could not be read.
      if (!found?.hasJourney || found.isClosed) return { kind: 'superseded' };
      if (authority) {
        const valid = await tx.query(findValidAuthority(citizenId, authority, new Date(password.setAtMs)));
        if (valid.rowCount === 0) return { kind: 'superseded' };
      }
      const { hash, keyId } = found;
      if (hash === null || keyId === null) return { kind: 'refused' };
      await tx.queryAll(save(password, { hash, keyId }));
      return { kind: 'saved' };
    },
    // A concurrent second run waits here for the first, and finds its password.
    { locks: [lockCitizen(citizenId), ...(authority ? [lockPassword(citizenId)] : [])] },
  );
};

/** What a run finds: the password of an earlier run, the journey, and what is staged. */
interface Found {
  readonly isSaved: boolean;
  readonly hasJourney: boolean;
  /**
   * Unsubscribed since it began, as only a restored backup can tell, or suspended, of which the workflow has not heard yet:
   * nothing is put in force without another act.
   */
  readonly isClosed: boolean;
  readonly hash: string | null;
  readonly keyId: string | null;
}

const find = ({ passwordId, citizenId, journeyId }: SavePassword): QueryConfig => ({
  name: 'find-staged-password',
  text: `
    SELECT saved.id IS NOT NULL AS "isSaved", journey.id IS NOT NULL AS "hasJourney",
      citizen."unsubscribedAt" IS NOT NULL OR citizen."suspendedAt" IS NOT NULL AS "isClosed", staged.hash, staged."keyId"
    FROM "Citizen" citizen
    LEFT JOIN "Password" saved ON saved.id = $1::uuid AND saved."citizenId" = citizen.id
    LEFT JOIN "Journey" journey ON journey.id = $3
    LEFT JOIN "StagedPassword" staged
      ON staged.id = $1::uuid AND staged."citizenId" = citizen.id AND staged."journeyId" = journey.id
    WHERE citizen.id = $2::uuid`,
  values: [passwordId, citizenId, journeyId],
});

/** The writes of a password that may be saved, in the order of their locks. */
function save(
  password: SavePassword,
  { hash, keyId }: { hash: string; keyId: string },
): readonly QueryConfig[] {
  const { passwordId: id, citizenId, journeyId, kind, requestId, authority } = password;
  const [setAt, expiresAt] = [new Date(password.setAtMs), new Date(password.expiresAtMs)];
  const stamp = { id: journeyId, citizenId, journeyId, requestId };
  return [
    {
      name: 'delete-password',
      text: 'DELETE FROM "Password" WHERE "citizenId" = $1::uuid',
      values: [citizenId],
    },
    {
      name: 'set-password',
      text: `
        WITH used AS (DELETE FROM "StagedPassword" WHERE "journeyId" = $7)
        INSERT INTO "Password" (id, "citizenId", hash, "keyId", "setAt", "expiresAt") VALUES ($1, $2, $3, $4, $5, $6)`,
      values: [id, citizenId, hash, keyId, setAt, expiresAt, journeyId],
    },
    endIdentificationsStatement(citizenId, 'superseded', setAt),
    completeJourney({ ...password, at: setAt, passwordExpiresAt: expiresAt }),
    // Begun with the activation code: as a right SMS code, it shows that its owner is back.
    ...(authority ? [] : [clearConsecutiveOtpCounts(citizenId)]),
    {
      name: 'end-other-sessions',
      text: `
        WITH ended AS (DELETE FROM "Session" WHERE "citizenId" = $1::uuid AND id IS DISTINCT FROM $2::uuid)
        UPDATE "Session" SET "credentialId" = $3::uuid WHERE id = $2::uuid`,
      values: [citizenId, authority?.sessionId ?? null, id],
    },
    auditStatement({ type: 'password-set', by: kind, expiresAt: expiresAt.toISOString() }, stamp),
  ];
}
