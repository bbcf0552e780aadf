import type { QueryConfig, QueryResultRow } from 'pg';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { JourneyOutcome, WorkflowJourneyKind } from '../domain/journeys.ts';
import type { Database, RawTransaction } from '../platform/database.ts';
import { otpFingerprint } from '../platform/one-time-passwords.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { endIdentificationsStatement } from '../records/identifications.ts';
import { endJourney } from '../records/journeys.ts';
import {
  allowanceKey,
  consumeAllowance,
  personAllowanceKey,
  type SmsAllowance,
} from '../records/sms-allowance.ts';
import { withRawTransaction, withTransaction } from './transaction.ts';

export interface OpenJourney {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly kind: WorkflowJourneyKind;
  /** Of an online registration: the staged act, to whose phone the codes go. */
  readonly actId?: string;
  readonly tokenDigest: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
  readonly allowance: SmsAllowance;
}
export interface PrepareOtp {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly kind: WorkflowJourneyKind;
  readonly number: number;
  readonly nowMs: number;
  readonly allowance: SmsAllowance;
}
/** Ready to be sent, or the allowance of the phone or of the person is used up until an instant (ms). */
export type PreparedOtp =
  | { kind: 'prepared'; fingerprint: Fingerprint }
  | { kind: 'sms-limit-reached'; retryAtMs: number };

export interface CloseJourney {
  readonly journeyId: string;
  readonly citizenId: string;
  readonly kind: WorkflowJourneyKind;
  readonly outcome: JourneyOutcome;
  readonly finishedBy?: string;
  readonly requestId: string;
  readonly closedAtMs: number;
}

/** Rolls the transaction back, with the instant (ms) from which a code may be sent again. */
class SmsLimitReached extends Error {
  readonly retryAtMs: number;
  constructor(retryAtMs: number) {
    super('SMS limit reached');
    this.retryAtMs = retryAtMs;
  }
}

/**
 * Writes a journey, unless it is finished, and reserves its first SMS code. Safe to run twice: the ids make rows and allowance
 * be taken once.
 */
export const openJourney = (
  db: Database,
  ring: KeyRing,
  journey: OpenJourney,
): Promise<PreparedOtp | { kind: 'over' }> =>
  reserving<Recipient & { isOpen: boolean }, PreparedOtp | { kind: 'over' }>(
    db,
    openingOf(journey),
    async (tx, [row]) => {
      // A repetition after the journey's end: its code has been used, or is void.
      if (!row?.isOpen) return { kind: 'over' };
      const { journeyId, citizenId, kind, startedAtMs: nowMs, allowance } = journey;
      // The activation code is the stronger proof: a sign-in by a thief of the password ends.
      if (allowance.proof !== 'password')
        await tx.query(endIdentificationsStatement(citizenId, 'superseded', new Date(nowMs)));
      return reserveSms(tx, ring, { journeyId, citizenId, kind, number: 1, nowMs, allowance }, row);
    },
  );

/** To whom an SMS code goes. `registrant`: the national id of who registers online. */
interface Recipient {
  readonly phone: string | null;
  readonly registrant: string | null;
}

function openingOf(journey: OpenJourney) {
  const { actId = null } = journey;
  const { journeyId, citizenId, kind, tokenDigest, requestId, startedAtMs, expiresAtMs } = journey;
  const stamp = { id: journeyId, citizenId, journeyId, requestId };
  return {
    name: 'open-journey',
    text: `
      WITH begun AS (
        INSERT INTO "Journey" (id, "citizenId", kind, "tokenDigest", "requestId", "startedAt", "expiresAt", "actId")
        SELECT $1::text, $2::uuid, $3::text, $4::text, $5::uuid, $6::timestamptz, $7::timestamptz, act.id
        FROM (SELECT $8::uuid AS id) act
        WHERE act.id IS NOT NULL OR EXISTS (SELECT FROM "Citizen" WHERE id = $2::uuid)
        ON CONFLICT DO NOTHING RETURNING 1),
      open AS (
        SELECT 1 FROM begun UNION ALL SELECT 1 FROM "Journey" WHERE id = $1 AND "finishedAt" IS NULL),
      audited AS (
        ${insertIntoAudit}
        SELECT ${auditPlaceholders(9)} WHERE EXISTS (SELECT FROM open)
        ON CONFLICT DO NOTHING)
      SELECT EXISTS (SELECT FROM open) AS "isOpen", CASE WHEN $8::uuid IS NULL
        THEN (SELECT phone FROM "Citizen" WHERE id = $2::uuid) ELSE act.phone END AS phone,
        act."nationalId" AS registrant
      FROM (VALUES (1)) one LEFT JOIN "RegistrationAct" act ON act.id = $8::uuid`,
    values: [
      journeyId,
      citizenId,
      kind,
      tokenDigest,
      requestId,
      new Date(startedAtMs),
      new Date(expiresAtMs),
      actId,
      ...auditParameters({ type: 'journey-begun', kind }, stamp),
    ],
  };
}

/** Reserves a further SMS code of a journey. Safe to run twice, as above. */
export const prepareOtp = (db: Database, ring: KeyRing, otp: PrepareOtp): Promise<PreparedOtp> => {
  const recipientOf = {
    name: 'recipient-of-journey',
    text: `
      SELECT coalesce(act.phone, citizen.phone) AS phone, act."nationalId" AS registrant FROM "Journey" journey
      LEFT JOIN "RegistrationAct" act ON act.id = journey."actId"
      LEFT JOIN "Citizen" citizen ON citizen.id = journey."citizenId" WHERE journey.id = $1`,
    values: [otp.journeyId],
  };
  return reserving<Recipient, PreparedOtp>(db, recipientOf, (tx, [row]) => reserveSms(tx, ring, otp, row));
};

async function reserving<Row extends QueryResultRow, Result>(
  db: Database,
  first: QueryConfig,
  work: (tx: Pick<RawTransaction, 'query'>, rows: Row[]) => Promise<Result>,
): Promise<Result | Extract<PreparedOtp, { kind: 'sms-limit-reached' }>> {
  try {
    return await withRawTransaction(db, first, work);
  } catch (error) {
    if (error instanceof SmsLimitReached) return { kind: 'sms-limit-reached', retryAtMs: error.retryAtMs };
    throw error;
  }
}

async function reserveSms(
  tx: Pick<RawTransaction, 'query'>,
  ring: KeyRing,
  { journeyId, citizenId, kind, number, nowMs, allowance }: PrepareOtp,
  { phone, registrant }: Recipient = { phone: null, registrant: null },
): Promise<PreparedOtp> {
  const ofPhone = phone && allowanceKey(ring, phone, allowance.proof);
  const ofPerson = phone && registrant && personAllowanceKey(ring, registrant);
  const added = await tx.query({
    name: 'reserve-sms',
    text: `
      INSERT INTO "Text" (id, "citizenId", "journeyId", number, allowance, "personAllowance", purpose, delivery)
      VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending') ON CONFLICT DO NOTHING`,
    values: [`${journeyId}/${number}`, citizenId, journeyId, number, ofPhone, ofPerson, `otp.${kind}`],
  });
  if (added.rowCount === 1) {
    for (const key of [ofPhone, ofPerson]) {
      const retryAtMs = key ? await consumeAllowance(tx, key, allowance, nowMs) : undefined;
      if (retryAtMs !== undefined) throw new SmsLimitReached(retryAtMs);
    }
  }
  return { kind: 'prepared', fingerprint: otpFingerprint(ring, { journeyId, kind, number }) };
}

/**
 * Records that a journey ended without success; a new password that waited for its completion is destroyed. Safe to run
 * twice: an outcome that is written stays.
 */
export const closeJourney = (db: Database, journey: CloseJourney): Promise<void> =>
  withTransaction(db, (tx) => endJourney(tx, { ...journey, at: new Date(journey.closedAtMs) }));
