import { assuranceOf } from '../../domain/assurance.ts';
import { after } from '../../domain/durations.ts';
import { identifications } from '../../domain/identification.ts';
import type { IdentificationKind, JourneyOutcome } from '../../domain/journeys.ts';
import { type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import {
  auditParameterCount,
  auditParameters,
  auditPlaceholders,
  auditStatement,
  insertIntoAudit,
} from '../../records/audit.ts';
import { uncountOtpEntry, uncountRightOtp } from '../../records/otp-counts.ts';
import {
  insertSessionCtes,
  insertSessionParameterCount,
  insertSessionParameters,
} from '../../records/sessions.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { IdentificationEntry, IdentificationOutcome } from './enter-identification-otp.ts';
import {
  type IdentificationRow,
  identificationColumns,
  lockIdentification,
  proofOf,
} from './identification-rows.ts';
import type { StoredSession } from './sessions.ts';

/** Writes the end of an identification without success, with the rest of the transaction. */
export async function finishIdentification(
  tx: RawTransaction,
  { id, citizenId, kind, requestId }: IdentificationRow,
  { outcome, messageId, atMs }: { outcome: JourneyOutcome; messageId: string; atMs: number },
): Promise<IdentificationRow> {
  const { rows } = await tx.query<IdentificationRow>({
    name: 'finish-identification',
    text: `UPDATE "Journey" SET "finishedAt" = $2, outcome = $3, "finishedBy" = $4 WHERE id = $1
      RETURNING ${identificationColumns}`,
    values: [id, new Date(atMs), outcome, messageId],
  });
  const event = { type: 'journey-finished', kind: kind as IdentificationKind, outcome } as const;
  await tx.commitWith(auditStatement(event, { id, citizenId, journeyId: id, requestId }));
  return rows[0] as IdentificationRow;
}

/** The locked rows on which the end rests. Each is null if it is gone. */
interface LockedRows {
  readonly passwordExpiresAt: Date | null;
  readonly registrationLevel: string;
  readonly finishedAt: Date | null;
  readonly otpNumber: number | null;
}

/** Locks in the order of every transaction: citizen, password, identification. */
const lockForCompletion = ({ id, citizenId, passwordId }: IdentificationRow, nowMs: number) => ({
  name: 'lock-identification-end',
  text: `
    WITH citizen AS MATERIALIZED (SELECT id, level FROM "Citizen" WHERE id = $1::uuid FOR NO KEY UPDATE),
    password AS MATERIALIZED (
      SELECT "expiresAt" FROM "Password"
      WHERE id = $2::uuid AND "citizenId" = (SELECT id FROM citizen) AND "blockedAt" IS NULL AND "expiresAt" > $4
      FOR UPDATE),
    -- Always true: it makes PostgreSQL lock the password before the journey.
    journey AS MATERIALIZED (
      SELECT "finishedAt", "otpNumber" FROM "Journey" WHERE id = $3 AND (SELECT count(*) FROM password) >= 0 FOR UPDATE)
    SELECT (SELECT "expiresAt" FROM password) AS "passwordExpiresAt", (SELECT level FROM citizen) AS "registrationLevel",
      "finishedAt", "otpNumber" FROM journey`,
  values: [citizenId, passwordId, id, new Date(nowMs)],
});

/**
 * Opens the session for the right SMS code and completes the identification, in one transaction, if the password with which
 * it began is still in force. Each statement, with its wait for locks, is cancelled in time for a 503.
 */
export async function completeIdentification(
  row: IdentificationRow,
  entry: IdentificationEntry,
  { db, policy, clock }: Pick<ApiDependencies, 'db' | 'policy' | 'clock'>,
): Promise<IdentificationOutcome> {
  const nowMs = clock.now();
  const { id, citizenId } = row;
  const { messageId, requestId } = entry;
  return withRawTransaction<LockedRows, IdentificationOutcome>(
    db,
    lockForCompletion(row, nowMs),
    async (tx, [locked]) => {
      // Another message ended it, or replaced its code, since this entry was counted. It was right, and is no guess.
      if (!locked || locked.finishedAt || locked.otpNumber !== row.otpNumber) {
        await tx.query(uncountOtpEntry(citizenId, proofOf(row)));
        const kind = locked && !locked.finishedAt ? 'refused' : 'over';
        return { kind, row: await reread(tx, row) };
      }
      const accepted = auditStatement(
        { type: 'otp-accepted' },
        { id: messageId, citizenId, journeyId: id, requestId },
      );
      await Promise.all([tx.query(uncountRightOtp(citizenId, proofOf(row))), tx.query(accepted)]);
      if (!locked.passwordExpiresAt)
        return {
          kind: 'over',
          row: await finishIdentification(tx, row, { outcome: 'superseded', messageId, atMs: nowMs }),
        };
      await tx.query(confirmPhone(row, nowMs));
      const { rules, assurance, statement } = completion(
        row,
        entry,
        { passwordExpiresAt: locked.passwordExpiresAt, registrationLevel: locked.registrationLevel },
        nowMs,
        policy.session.absolute,
      );
      const { rows } = await tx.commitWith<Pick<StoredSession, 'endsAt' | 'previousAccessAt'>>(statement);
      const [opened] = rows;
      if (!opened) throw new Error('the session was neither opened nor found');
      const session = {
        id: entry.session.sessionId,
        citizenId,
        basis: 'password' as const,
        credentialId: row.passwordId ?? '',
        assurance,
        ...opened,
      };
      return {
        kind: 'accepted',
        row: { ...row, finishedAt: new Date(nowMs), outcome: rules.outcome, finishedBy: messageId },
        session,
      };
    },
  );
}

const reread = async (tx: RawTransaction, row: IdentificationRow): Promise<IdentificationRow> =>
  (await tx.query<IdentificationRow>(lockIdentification(row.id))).rows[0] ?? row;

/** The phone that the code went to has received it, unless a registration act has replaced it since. */
const confirmPhone = ({ id, citizenId }: IdentificationRow, nowMs: number) => ({
  name: 'confirm-identification-phone',
  text: `UPDATE "Citizen" SET "phoneConfirmedAt" = $3
    WHERE id = $2::uuid AND "phoneConfirmedAt" IS NULL AND phone IS NOT NULL
      AND "registeredAt" <= (SELECT "startedAt" FROM "Journey" WHERE id = $1)`,
  values: [id, citizenId, new Date(nowMs)],
});

const firstOwn = insertSessionParameterCount + 1;
const firstEvent = firstOwn + 3;

/** Opens the session, completes the identification and audits both, in one statement. */
function completion(
  row: IdentificationRow,
  { messageId, requestId, session: { sessionId, tokenDigest } }: IdentificationEntry,
  { passwordExpiresAt, registrationLevel }: { passwordExpiresAt: Date; registrationLevel: string },
  nowMs: number,
  sessionLife: string,
) {
  const { id, citizenId, passwordId } = row;
  const kind = row.kind as IdentificationKind;
  const rules = identifications[kind];
  const { means, outcome } = rules;
  const assurance = assuranceOf(means, registrationLevel);
  const stamp = { id, citizenId, journeyId: id, requestId };
  const statement = {
    name: 'complete-identification',
    text: `
      WITH ${insertSessionCtes},
      finished AS (
        UPDATE "Journey" SET "confirmedAt" = $7::timestamptz, "finishedAt" = $7::timestamptz,
          outcome = $${firstOwn + 1}, "finishedBy" = $${firstOwn + 2}
        WHERE id = $${firstOwn}),
      audited AS (
        ${insertIntoAudit}
        VALUES (${auditPlaceholders(firstEvent)}), (${auditPlaceholders(firstEvent + auditParameterCount)})
        ON CONFLICT DO NOTHING)
      SELECT "endsAt", "previousAccessAt" FROM opened UNION ALL SELECT "endsAt", "previousAccessAt" FROM known`,
    values: [
      ...insertSessionParameters({
        id: sessionId,
        citizenId,
        basis: 'password',
        credentialId: passwordId ?? '',
        assurance,
        tokenDigest,
        startedAtMs: nowMs,
        endsAtMs: after(nowMs, sessionLife),
        credentialExpiresAt: passwordExpiresAt,
      }),
      id,
      outcome,
      messageId,
      ...auditParameters({ type: 'signed-in', assurance }, stamp),
      ...auditParameters({ type: 'journey-finished', kind, outcome }, stamp),
    ],
  };
  return { rules, assurance, statement };
}
