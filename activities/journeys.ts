import type { QueryConfig, QueryResultRow } from 'pg';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { JourneyKind, JourneyOutcome } from '../domain/journeys.ts';
import type { Database, Queries, RawTransaction } from '../platform/database.ts';
import type { KeyRing } from '../platform/secrets.ts';
import { audit, auditParameters, auditPlaceholders, insertIntoAudit } from '../records/audit.ts';
import { allowanceKey, giveBackSms, type SmsAllowance, takeSms } from '../records/sms-allowance.ts';
import { fingerprintOf } from './one-time-passwords.ts';
import { inFewTrips, inTransaction } from './transaction.ts';

export interface OpenVisit {
  readonly visitId: string;
  readonly citizenId: string;
  readonly kind: JourneyKind;
  readonly tokenDigest: string;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly expiresAtMs: number;
  readonly allowance: SmsAllowance;
}
export interface PrepareOtp {
  readonly visitId: string;
  readonly citizenId: string;
  readonly kind: JourneyKind;
  readonly number: number;
  readonly nowMs: number;
  readonly allowance: SmsAllowance;
}
/** Ready to be texted, or no text is left for this phone before an instant. */
export type PreparedOtp =
  | { kind: 'prepared'; fingerprint: Fingerprint }
  | { kind: 'texts-used-up'; retryAtMs: number };

export interface CloseVisit {
  readonly visitId: string;
  readonly citizenId: string;
  readonly kind: JourneyKind;
  readonly outcome: JourneyOutcome;
  readonly finishedBy?: string;
  readonly requestId: string;
  readonly closedAtMs: number;
}

/** Rolls the transaction back with an answer. */
class TextsUsedUp extends Error {
  readonly retryAtMs: number;
  constructor(retryAtMs: number) {
    super('texts used up');
    this.retryAtMs = retryAtMs;
  }
}

/** Writes a visit, unless it is over, and reserves its first SMS code. Safe to run twice: rows and allowance are taken once, by the ids. */
export const openVisit = (
  db: Database,
  ring: KeyRing,
  visit: OpenVisit,
): Promise<PreparedOtp | { kind: 'over' }> =>
  reserving<PhoneOf & { isOpen: boolean }, PreparedOtp | { kind: 'over' }>(
    db,
    openingOf(visit),
    async (tx, [row]) => {
      // A repetition that comes after the end: its code has been used, or is void.
      if (!row?.isOpen) return { kind: 'over' };
      const { visitId, citizenId, kind, startedAtMs: nowMs, allowance } = visit;
      return reserveText(tx, ring, { visitId, citizenId, kind, number: 1, nowMs, allowance }, row.phone);
    },
  );

interface PhoneOf {
  readonly phone: string | null;
}

function openingOf(visit: OpenVisit) {
  const { visitId, citizenId, kind, tokenDigest, requestId, startedAtMs, expiresAtMs } = visit;
  const stamp = { id: visitId, citizenId, journeyId: visitId, requestId };
  return {
    name: 'open-visit',
    text: `
      WITH begun AS (
        INSERT INTO "Journey" (id, "citizenId", kind, "tokenDigest", "requestId", "startedAt", "expiresAt")
        VALUES ($1, $2::uuid, $3, $4, $5::uuid, $6, $7) ON CONFLICT DO NOTHING RETURNING 1),
      open AS (
        SELECT 1 FROM begun UNION ALL SELECT 1 FROM "Journey" WHERE id = $1 AND "finishedAt" IS NULL),
      audited AS (
        ${insertIntoAudit}
        SELECT ${auditPlaceholders(8)} WHERE EXISTS (SELECT FROM open)
        ON CONFLICT DO NOTHING)
      SELECT phone, EXISTS (SELECT FROM open) AS "isOpen" FROM "Citizen" WHERE id = $2::uuid`,
    values: [
      ...[visitId, citizenId, kind, tokenDigest, requestId, new Date(startedAtMs), new Date(expiresAtMs)],
      ...auditParameters({ type: 'journey-begun', kind }, stamp),
    ],
  };
}

/** Reserves a further SMS code of a visit. Safe to run twice, as above. */
export const prepareOtp = (db: Database, ring: KeyRing, otp: PrepareOtp): Promise<PreparedOtp> => {
  const phoneOf = { text: 'SELECT phone FROM "Citizen" WHERE id = $1', values: [otp.citizenId] };
  return reserving<PhoneOf, PreparedOtp>(db, phoneOf, (tx, [row]) =>
    reserveText(tx, ring, otp, row?.phone ?? null),
  );
};

async function reserving<Row extends QueryResultRow, Answer>(
  db: Database,
  first: QueryConfig,
  work: (tx: Pick<RawTransaction, 'query'>, rows: Row[]) => Promise<Answer>,
): Promise<Answer | Extract<PreparedOtp, { kind: 'texts-used-up' }>> {
  try {
    return await inFewTrips(db, first, work);
  } catch (error) {
    if (error instanceof TextsUsedUp) return { kind: 'texts-used-up', retryAtMs: error.retryAtMs };
    throw error;
  }
}

async function reserveText(
  tx: Pick<RawTransaction, 'query'>,
  ring: KeyRing,
  { visitId, citizenId, kind, number, nowMs, allowance }: PrepareOtp,
  phone: string | null,
): Promise<PreparedOtp> {
  const key = phone && allowanceKey(ring, phone, allowance.begunWith);
  const added = await tx.query({
    name: 'reserve-text',
    text: `
      INSERT INTO "Text" (id, "citizenId", "journeyId", number, allowance, purpose, delivery)
      VALUES ($1, $2, $3, $4, $5, $6, 'pending') ON CONFLICT DO NOTHING`,
    values: [`${visitId}/${number}`, citizenId, visitId, number, key, `otp.${kind}`],
  });
  if (added.rowCount === 1 && key) {
    const retryAtMs = await takeSms(tx, key, allowance, nowMs);
    if (retryAtMs !== undefined) throw new TextsUsedUp(retryAtMs);
  }
  return { kind: 'prepared', fingerprint: fingerprintOf(ring, { visitId, kind, number }) };
}

/**
 * Records that a visit ended without being completed; a new password that waited for its end is destroyed. Safe to run
 * twice: an end that is written stays.
 */
export const closeVisit = (db: Database, visit: CloseVisit): Promise<void> =>
  inTransaction(db, async (tx) => {
    const { visitId, citizenId, kind, outcome, finishedBy = null, requestId, closedAtMs } = visit;
    await tx.journey.updateMany({
      where: { id: visitId, finishedAt: null },
      data: { finishedAt: new Date(closedAtMs), outcome, finishedBy },
    });
    await tx.stagedPassword.deleteMany({ where: { journeyId: visitId } });
    await audit(
      tx,
      { type: 'journey-finished', kind, outcome },
      { id: visitId, citizenId, journeyId: visitId, requestId },
    );
  });

/** A text that the provider did not take: said so, and given back to the phone's allowance, once. */
export async function markNotSent(tx: Queries, textId: string, failure: string): Promise<boolean> {
  const [row] = await tx.text.updateManyAndReturn({
    where: { id: textId, delivery: 'pending' },
    data: { delivery: 'failed', failure },
    select: { allowance: true },
  });
  if (row?.allowance) await giveBackSms(tx, row.allowance);
  return row !== undefined;
}
