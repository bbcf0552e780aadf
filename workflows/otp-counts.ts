import { after } from '../domain/durations.ts';
import type { JourneyPolicy } from './messages.ts';
import type { OtpCounts } from './snapshot.ts';

/** The counts after a wrong SMS code. A period begins with its first wrong entry. */
export function countWrongOtp(counts: OtpCounts, policy: JourneyPolicy, nowMs: number): OtpCounts {
  const inPeriod = nowMs < counts.periodEndsAtMs;
  return {
    wrongInPeriod: inPeriod ? counts.wrongInPeriod + 1 : 1,
    periodEndsAtMs: inPeriod ? counts.periodEndsAtMs : after(nowMs, policy.wrongOtpsPerPeriod.per),
    consecutiveWrong: counts.consecutiveWrong + 1,
  };
}

/** The counts after a right SMS code: the day's stay, so that a right one buys no new guesses. */
export const countRightOtp = (counts: OtpCounts): OtpCounts => ({ ...counts, consecutiveWrong: 0 });

/**
 * From when on (ms) another SMS code may be asked for or entered, if not now. After too many without a right one only
 * a registration act helps; the answer is then a far instant, so that nobody is told to wait for nothing.
 */
export function otpBlockedUntilMs(
  counts: OtpCounts,
  policy: JourneyPolicy,
  nowMs: number,
): number | undefined {
  if (counts.consecutiveWrong >= policy.consecutiveWrongOtps.max) return after(nowMs, 'P1D');
  if (counts.wrongInPeriod >= policy.wrongOtpsPerPeriod.max && nowMs < counts.periodEndsAtMs)
    return counts.periodEndsAtMs;
  return undefined;
}
