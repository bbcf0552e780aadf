import type { QueryConfig, QueryResultRow } from 'pg';
import type { JourneyOutcome } from '../../domain/journeys.ts';
import { type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import { auditParameters, auditPlaceholders, auditStatement, insertIntoAudit } from '../../records/audit.ts';
import { lockCitizen } from '../../records/closures.ts';
import { uncountOtpEntry, uncountRightOtp } from '../../records/otp-counts.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import type { IdentificationKindRules } from './identification-kinds.ts';
import {
  type IdentificationEntry,
  type IdentificationOutcome,
  type IdentificationRow,
  identificationColumns,
  lockIdentification,
  otpRefusedStatement,
} from './identification-rows.ts';

interface IdentificationEnd {
  readonly outcome: JourneyOutcome;
  readonly messageId: string;
  readonly requestId: string;
  readonly atMs: number;
}

/** Writes the end of an identification without success, with the rest of the transaction. */
export async function finishIdentification(
  tx: RawTransaction,
  row: IdentificationRow,
  end: Omit<IdentificationEnd, 'requestId'>,
): Promise<IdentificationRow> {
  const { rows } = await tx.commitWith<IdentificationRow>(finish(row, { ...end, requestId: row.requestId }));
  return rows[0] as IdentificationRow;
}

/** Ends an identification and audits it. `confirmedAt`: of the right code. */
function finish(
  { id, citizenId, kind }: IdentificationRow,
  { outcome, messageId, requestId, atMs }: IdentificationEnd,
  confirmedAt: Date | null = null,
): QueryConfig {
  const event = { type: 'journey-finished', kind, outcome } as const;
  return {
    name: 'finish-identification',
    text: `
      WITH finished AS (
        UPDATE "Journey" SET "confirmedAt" = $2, "finishedAt" = $3, outcome = $4, "finishedBy" = $5 WHERE id = $1
        RETURNING ${identificationColumns}),
      audited AS (${insertIntoAudit} VALUES (${auditPlaceholders(6)}) ON CONFLICT DO NOTHING)
      SELECT * FROM finished`,
    values: [
      id,
      confirmedAt,
      new Date(atMs),
      outcome,
      messageId,
      ...auditParameters(event, { id, citizenId, journeyId: id, requestId }),
    ],
  };
}

/** The locked rows on which the end rests. Each is null if it is gone. */
interface LockedRows {
  readonly passwordExpiresAt: Date | null;
  readonly registrationLevel: string;
  readonly finishedAt: Date | null;
  readonly otpNumber: number | null;
}

/**
 * Locks the password, then the identification; `lockCitizen` comes first. Defence in depth: returns no password if a
 * registration act was applied after the identification began. Every act ends identifications in its own transaction.
 */
const lockForCompletion = ({ id, citizenId, passwordId }: IdentificationRow, nowMs: number) => ({
  name: 'lock-identification-end',
  text: `
    WITH citizen AS MATERIALIZED (SELECT id, level, "registeredAt" FROM "Citizen" WHERE id = $1::uuid),
    password AS MATERIALIZED (
      SELECT "expiresAt" FROM "Password"
      WHERE id = $2::uuid AND "citizenId" = (SELECT id FROM citizen) AND "blockedAt" IS NULL AND "expiresAt" > $4
      FOR UPDATE),
    -- Always true: it makes PostgreSQL lock the password before the journey.
    journey AS MATERIALIZED (
      SELECT "startedAt", "finishedAt", "otpNumber" FROM "Journey"
      WHERE id = $3 AND (SELECT count(*) FROM password) >= 0 FOR UPDATE)
    SELECT (SELECT "expiresAt" FROM password, citizen WHERE "registeredAt" <= "startedAt") AS "passwordExpiresAt",
      (SELECT level FROM citizen) AS "registrationLevel", "finishedAt", "otpNumber"
    FROM journey`,
  values: [citizenId, passwordId, id, new Date(nowMs)],
});

/**
 * Writes what the right SMS code of this kind opens and completes the identification, in one transaction, if the password
 * with which it began is still in force, and the registration act too. Each statement, with its wait for locks, is
 * cancelled in time for a 503.
 */
export async function completeIdentification<Opened>(
  row: IdentificationRow,
  rules: IdentificationKindRules<Opened>,
  entry: IdentificationEntry,
  { db, policy, clock }: Pick<ApiDependencies, 'db' | 'policy' | 'clock'>,
): Promise<IdentificationOutcome<Opened>> {
  const nowMs = clock.now();
  const { id, citizenId } = row;
  const { proof, outcome } = rules;
  const { messageId, requestId, randomness } = entry;
  return withRawTransaction<LockedRows, IdentificationOutcome<Opened>>(
    db,
    lockForCompletion(row, nowMs),
    async (tx, [locked]) => {
      // Another message ended it, or replaced its code, since this entry was counted. It was right, and is no guess.
      if (!locked || locked.finishedAt || locked.otpNumber !== row.otpNumber) {
        await tx.query(uncountOtpEntry(citizenId, proof));
        const current = await reread(tx, row);
        const isEnded = !locked || current.finishedAt !== null;
        if (current.finishedBy !== messageId)
          await tx.commitWith(otpRefusedStatement(row, entry, isEnded ? 'ended' : 'void'));
        // The reply is that to a wrong one: a code that is void opens nothing, right or not.
        return isEnded ? { kind: 'over', row: current } : { kind: 'refused', isExpired: false, row: current };
      }
      const stamp = { id: messageId, citizenId, journeyId: id, requestId };
      const accept = [uncountRightOtp(citizenId, proof), auditStatement({ type: 'otp-accepted' }, stamp)];
      const end = { messageId, requestId, atMs: nowMs };
      if (!locked.passwordExpiresAt) {
        await tx.queryAll(accept);
        return { kind: 'over', row: await finishIdentification(tx, row, { ...end, outcome: 'superseded' }) };
      }
      const { passwordExpiresAt, registrationLevel } = locked;
      const success = rules.succeed({
        row,
        requestId,
        randomness,
        passwordExpiresAt,
        registrationLevel,
        nowMs,
        policy,
      });
      const [succeeded, finished] = await tx.commitWithAll<[QueryResultRow, IdentificationRow]>([
        success.statement,
        finish(row, { ...end, outcome }, new Date(nowMs)),
        ...accept,
        confirmPhone(row, nowMs),
      ]);
      return { kind: 'accepted', row: finished.rows[0] ?? row, opened: success.opened(succeeded.rows) };
    },
    [lockCitizen(citizenId)],
  );
}

const reread = async (tx: RawTransaction, row: IdentificationRow): Promise<IdentificationRow> =>
  (await tx.query<IdentificationRow>(lockIdentification(row.id))).rows[0] ?? row;

/** The phone that the code went to has received it: no registration act has replaced it since. */
const confirmPhone = ({ citizenId }: IdentificationRow, nowMs: number) => ({
  name: 'confirm-identification-phone',
  text: `UPDATE "Citizen" SET "phoneConfirmedAt" = $2
    WHERE id = $1::uuid AND "phoneConfirmedAt" IS NULL AND phone IS NOT NULL`,
  values: [citizenId, new Date(nowMs)],
});
