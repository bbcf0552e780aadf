import { after } from '../domain/durations.ts';
import type { WrongOtpCounts, WrongOtpLimits } from '../domain/wrong-otps.ts';

export const noneWrong: WrongOtpCounts = { wrongInPeriod: 0, periodEndsAtMs: 0, consecutiveWrong: 0 };

/** The counts after a wrong SMS code. A period begins with its first wrong entry. */
export function countWrongOtp(
  counts: WrongOtpCounts,
  { perPeriod }: Pick<WrongOtpLimits, 'perPeriod'>,
  nowMs: number,
): WrongOtpCounts {
  const inPeriod = nowMs < counts.periodEndsAtMs;
  return {
    wrongInPeriod: inPeriod ? counts.wrongInPeriod + 1 : 1,
    periodEndsAtMs: inPeriod ? counts.periodEndsAtMs : after(nowMs, perPeriod.per),
    consecutiveWrong: counts.consecutiveWrong + 1,
  };
}

/** The counts after a right SMS code. Those of the period stay, so that a right code buys no new guesses. */
export const countRightOtp = (counts: WrongOtpCounts): WrongOtpCounts => ({ ...counts, consecutiveWrong: 0 });
