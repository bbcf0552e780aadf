import type { QueryConfig } from 'pg';
import type { Proof } from '../domain/journeys.ts';

/** The limits of wrong SMS codes of one citizen over all identifications of a proof. */
export interface OtpCountLimits {
  readonly maxInPeriod: number;
  /** End (ms) of the period that this entry opens, if none is open. */
  readonly periodEndsAtMs: number;
  readonly maxConsecutive: number;
}

/**
 * Counts an entry as wrong before it is compared, in one atomic statement. Without a row in the result a limit is reached
 * and nothing was counted.
 */
export const countOtpEntry = (
  citizenId: string,
  proof: Proof,
  { maxInPeriod, periodEndsAtMs, maxConsecutive }: OtpCountLimits,
  nowMs: number,
): QueryConfig => ({
  name: 'count-otp-entry',
  text: `
    INSERT INTO "OtpCount" AS counted ("citizenId", proof, "wrongInPeriod", "periodEndsAt", "consecutiveWrong")
    VALUES ($1::uuid, $2, 1, $3, 1)
    ON CONFLICT ("citizenId", proof) DO UPDATE SET
      "wrongInPeriod" = CASE WHEN counted."periodEndsAt" <= $4 THEN 1 ELSE counted."wrongInPeriod" + 1 END,
      "periodEndsAt" = CASE WHEN counted."periodEndsAt" <= $4 THEN $3 ELSE counted."periodEndsAt" END,
      "consecutiveWrong" = counted."consecutiveWrong" + 1
    WHERE counted."consecutiveWrong" < $6 AND (counted."wrongInPeriod" < $5 OR counted."periodEndsAt" <= $4)
    RETURNING 1`,
  values: [citizenId, proof, new Date(periodEndsAtMs), new Date(nowMs), maxInPeriod, maxConsecutive],
});

/** Takes back what a right entry was counted as; those before it in the period stay, so that it buys no new guesses. */
export const uncountRightOtp = (citizenId: string, proof: Proof): QueryConfig => ({
  name: 'uncount-right-otp',
  text: `UPDATE "OtpCount" SET "wrongInPeriod" = greatest("wrongInPeriod" - 1, 0), "consecutiveWrong" = 0
    WHERE "citizenId" = $1::uuid AND proof = $2`,
  values: [citizenId, proof],
});

/** Takes back what was counted for an entry that could not be answered. */
export const uncountOtpEntry = (citizenId: string, proof: Proof): QueryConfig => ({
  name: 'uncount-otp-entry',
  text: `UPDATE "OtpCount" SET "wrongInPeriod" = greatest("wrongInPeriod" - 1, 0),
      "consecutiveWrong" = greatest("consecutiveWrong" - 1, 0)
    WHERE "citizenId" = $1::uuid AND proof = $2`,
  values: [citizenId, proof],
});

/** A registration act sets all counts of a citizen back. */
export const clearOtpCounts = (citizenId: string): QueryConfig => ({
  name: 'clear-otp-counts',
  text: 'DELETE FROM "OtpCount" WHERE "citizenId" = $1::uuid',
  values: [citizenId],
});

/** A completed reset sets the counts in a row back; those of the period stay. */
export const clearConsecutiveOtpCounts = (citizenId: string): QueryConfig => ({
  name: 'clear-consecutive-otp-counts',
  text: 'UPDATE "OtpCount" SET "consecutiveWrong" = 0 WHERE "citizenId" = $1::uuid',
  values: [citizenId],
});
