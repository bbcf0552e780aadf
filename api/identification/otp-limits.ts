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

/** From when (ms) SMS codes may be entered and sent again, by the counts of PostgreSQL; undefined if they may be now. */
export async function otpsBlockedUntilMs(
  tx: Pick<RawTransaction, 'query'>,
  citizenId: string,
  proof: Proof,
  { wrongOtps }: Pick<IdentificationLimits, 'wrongOtps'>,
  nowMs: number,
): Promise<number | undefined> {
  const { rows } = await tx.query<{ wrongInPeriod: number; periodEndsAt: Date; consecutiveWrong: number }>({
    name: 'otp-counts',
    text: `SELECT "wrongInPeriod", "periodEndsAt", "consecutiveWrong" FROM "OtpCount"
      WHERE "citizenId" = $1::uuid AND proof = $2`,
    values: [citizenId, proof],
  });
  const [counts] = rows;
  if (!counts) return undefined;
  return otpBlockedUntilMs({ ...counts, periodEndsAtMs: counts.periodEndsAt.getTime() }, wrongOtps, nowMs);
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
