import type { QueryConfig, QueryResultRow } from 'pg';
import { after } from '../../domain/durations.ts';
import type { IdentificationLimits } from '../../domain/identification.ts';
import type { Proof } from '../../domain/journeys.ts';
import { otpBlockedUntilMs } from '../../domain/wrong-otps.ts';
import type { RawTransaction } from '../../platform/database.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import type { OtpCountLimits } from '../../records/otp-counts.ts';
import { allowanceKey, consumeAllowance } from '../../records/sms-allowance.ts';

export const otpCountLimits = (
  { wrongOtps: { perPeriod, consecutive } }: Pick<IdentificationLimits, 'wrongOtps'>,
  nowMs: number,
): OtpCountLimits => ({
  maxInPeriod: perPeriod.max,
  periodEndsAtMs: after(nowMs, perPeriod.per),
  maxConsecutive: consecutive.max,
});

/** The counts of wrong SMS codes of a citizen over all identifications of a proof. */
export interface OtpCounts {
  readonly wrongInPeriod: number;
  readonly periodEndsAt: Date;
  readonly consecutiveWrong: number;
}

/** Reads them; no row: nothing was counted. */
export const readOtpCounts = (citizenId: string, proof: Proof): QueryConfig => ({
  name: 'otp-counts',
  text: `SELECT "wrongInPeriod", "periodEndsAt", "consecutiveWrong" FROM "OtpCount"
    WHERE "citizenId" = $1::uuid AND proof = $2`,
  values: [citizenId, proof],
});

/** From when (ms) SMS codes may be entered and sent again, by these counts; undefined if they may be now. */
export const blockedUntilMs = (
  counts: OtpCounts | undefined,
  { wrongOtps }: Pick<IdentificationLimits, 'wrongOtps'>,
  nowMs: number,
): number | undefined =>
  counts && otpBlockedUntilMs({ ...counts, periodEndsAtMs: counts.periodEndsAt.getTime() }, wrongOtps, nowMs);

/** The same by the counts in PostgreSQL. */
export async function otpsBlockedUntilMs(
  tx: Pick<RawTransaction, 'query'>,
  citizenId: string,
  proof: Proof,
  limits: Pick<IdentificationLimits, 'wrongOtps'>,
  nowMs: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<OtpCounts & QueryResultRow>(readOtpCounts(citizenId, proof));
  return blockedUntilMs(rows[0], limits, nowMs);
}

/**
 * Takes an SMS from the allowance of a phone. Returns its key, by which it is given back if the provider does not take
 * the SMS, or from when (ms) there is one again. Without a phone nothing is counted, and nothing will be sent.
 */
export async function takeAllowance(
  tx: Pick<RawTransaction, 'query'>,
  ring: KeyRing,
  { smsPerPhone }: Pick<IdentificationLimits, 'smsPerPhone'>,
  { phone, proof }: { phone: string | null; proof: Proof },
  nowMs: number,
): Promise<{ key: string | null } | { retryAtMs: number }> {
  if (!phone) return { key: null };
  const key = allowanceKey(ring, phone, proof);
  const allowance = { proof, max: smsPerPhone.max, endsAtMs: after(nowMs, smsPerPhone.per) };
  const retryAtMs = await consumeAllowance(tx, key, allowance, nowMs);
  return retryAtMs === undefined ? { key } : { retryAtMs };
}
