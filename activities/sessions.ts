import type { JourneyOutcome } from '../domain/journeys.ts';
import type { Database } from '../platform/database.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { withRawTransaction } from './transaction.ts';

export interface OpenSession {
  readonly sessionId: string;
  readonly tokenDigest: string;
  readonly citizenId: string;
  readonly journeyId: string;
  /** The password that was right when the sign-in began. */
  readonly passwordId: string;
  readonly outcome: JourneyOutcome;
  readonly finishedBy: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly endsAtMs: number;
}

/**
 * Opens the session of a reinforced sign-in and ends its journey. The password's row is locked while it is looked at: a
 * reset, a change or a block of the same moment comes before, and there is no session, or after, and ends it. Safe to
 * run twice: a session that is there was opened by the first run.
 */
export const openSession = (db: Database, session: OpenSession): Promise<{ kind: 'opened' | 'superseded' }> =>
  withRawTransaction<Found, { kind: 'opened' | 'superseded' }>(db, lock(session), async (tx, [found]) => {
    if (found?.isOpened) return { kind: 'opened' };
    if (!found?.expiresAt) return { kind: 'superseded' };
    await tx.query(opening(session, found.expiresAt));
    return { kind: 'opened' };
  });

interface Found {
  readonly isOpened: boolean;
  /** Of the password, if it is in force. */
  readonly expiresAt: Date | null;
}

const lock = ({ sessionId, passwordId, citizenId, startedAtMs }: OpenSession) => ({
  name: 'lock-password-in-force',
  text: `
    WITH password AS (
      SELECT "expiresAt" FROM "Password"
      WHERE id = $2::uuid AND "citizenId" = $3::uuid AND "blockedAt" IS NULL AND "expiresAt" > $4
      FOR UPDATE)
    SELECT EXISTS (SELECT FROM "Session" WHERE id = $1::uuid) AS "isOpened",
      (SELECT "expiresAt" FROM password) AS "expiresAt"`,
  values: [sessionId, passwordId, citizenId, new Date(startedAtMs)],
});

/** The session, the access that the next one is told of, the end of the journey, and both in the trail. */
function opening(session: OpenSession, passwordExpiresAt: Date) {
  const { sessionId, tokenDigest, citizenId, journeyId, passwordId, outcome, finishedBy, requestId } =
    session;
  const stamp = { id: journeyId, citizenId, journeyId, requestId };
  return {
    name: 'open-substantial-session',
    text: `
      WITH accessed AS (
        UPDATE "Citizen" citizen SET "lastAccessAt" = $5::timestamptz
        FROM (SELECT "lastAccessAt" FROM "Citizen" WHERE id = $2::uuid) before
        WHERE citizen.id = $2::uuid RETURNING before."lastAccessAt"),
      opened AS (
        INSERT INTO "Session" (id, "citizenId", "passwordId", "tokenDigest", assurance, "startedAt", "lastUsedAt", "endsAt", "previousAccessAt")
        SELECT $1::uuid, $2::uuid, $3::uuid, $4, 'substantial', $5::timestamptz, $5::timestamptz, $6::timestamptz, "lastAccessAt"
        FROM accessed),
      finished AS (
        UPDATE "Journey" SET "finishedAt" = $5::timestamptz, outcome = $8, "finishedBy" = $9 WHERE id = $7)
      ${insertIntoAudit}
      VALUES (${auditPlaceholders(10)}),
        (${auditPlaceholders(17)})
      ON CONFLICT DO NOTHING`,
    values: [
      ...[sessionId, citizenId, passwordId, tokenDigest, new Date(session.startedAtMs)],
      ...[new Date(Math.min(session.endsAtMs, passwordExpiresAt.getTime())), journeyId, outcome, finishedBy],
      ...auditParameters({ type: 'signed-in', assurance: 'substantial' }, stamp),
      ...auditParameters({ type: 'journey-finished', kind: 'sign-in', outcome }, stamp),
    ],
  };
}
