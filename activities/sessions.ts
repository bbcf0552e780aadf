import type { JourneyOutcome } from '../domain/journeys.ts';
import type { Database } from '../platform/database.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import {
  insertSessionCtes,
  insertSessionParameterCount,
  insertSessionParameters,
} from '../records/sessions.ts';
import { withRawTransaction } from './transaction.ts';

export interface OpenSession {
  readonly sessionId: string;
  readonly tokenDigest: string;
  readonly citizenId: string;
  readonly journeyId: string;
  /** The password that was right when the sign-in began. */
  readonly passwordId: string;
  readonly outcome: JourneyOutcome;
  /** The message that brings the outcome. */
  readonly finishedBy: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly endsAtMs: number;
}

/**
 * Opens the session of a reinforced sign-in and completes its journey. The password's row is locked while it is read: a reset,
 * change or block of the same moment commits before, and there is no session, or after, and ends it. Safe to run twice:
 * a session that is there was opened by the first run.
 */
export const openSession = (db: Database, session: OpenSession): Promise<{ kind: 'opened' | 'superseded' }> =>
  withRawTransaction<Found, { kind: 'opened' | 'superseded' }>(
    db,
    lockPassword(session),
    async (tx, [found]) => {
      if (found?.isOpened) return { kind: 'opened' };
      if (!found?.expiresAt) return { kind: 'superseded' };
      await tx.query(openingStatement(session, found.expiresAt));
      return { kind: 'opened' };
    },
  );

interface Found {
  readonly isOpened: boolean;
  /** Of the password, if it is in force. */
  readonly expiresAt: Date | null;
}

const lockPassword = ({ sessionId, passwordId, citizenId, startedAtMs }: OpenSession) => ({
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

const firstOwn = insertSessionParameterCount + 1;

/** Writes the session, the outcome of the journey, and both in the audit trail. */
function openingStatement(session: OpenSession, passwordExpiresAt: Date) {
  const { sessionId, citizenId, journeyId, outcome, finishedBy, requestId } = session;
  const stamp = { id: journeyId, citizenId, journeyId, requestId };
  return {
    name: 'open-substantial-session',
    text: `
      WITH ${insertSessionCtes},
      finished AS (
        UPDATE "Journey" SET "finishedAt" = $6::timestamptz, outcome = $${firstOwn + 1}, "finishedBy" = $${firstOwn + 2}
        WHERE id = $${firstOwn})
      ${insertIntoAudit}
      VALUES (${auditPlaceholders(firstOwn + 3)}),
        (${auditPlaceholders(firstOwn + 10)})
      ON CONFLICT DO NOTHING`,
    values: [
      ...insertSessionParameters({ ...session, id: sessionId, assurance: 'substantial', passwordExpiresAt }),
      journeyId,
      outcome,
      finishedBy,
      ...auditParameters({ type: 'signed-in', assurance: 'substantial' }, stamp),
      ...auditParameters({ type: 'journey-finished', kind: 'sign-in', outcome }, stamp),
    ],
  };
}
