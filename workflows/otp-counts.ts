import { after } from '../domain/durations.ts';
import type { JourneyPolicy } from './messages.ts';
import type { OtpCounts } from './snapshot.ts';

export const noneWrong: OtpCounts = { wrongInPeriod: 0, periodEndsAtMs: 0, consecutiveWrong: 0 };

/** The counts after a wrong SMS code. A period begins with its first wrong entry. */
export function countWrongOtp(counts: OtpCounts, policy: JourneyPolicy, nowMs: number): OtpCounts {
  const inPeriod = nowMs < counts.periodEndsAtMs;
  return {
    wrongInPeriod: inPeriod ? counts.wrongInPeriod + 1 : 1,
    periodEndsAtMs: inPeriod ? counts.periodEndsAtMs : after(nowMs, policy.wrongOtpsPerPeriod.per),
    consecutiveWrong: counts.consecutiveWrong + 1,
  };
}

/** The counts after a right SMS code. Those of the period stay, so that a right code buys no new guesses. */
export const countRightOtp = (counts: OtpCounts): OtpCounts => ({ ...counts, consecutiveWrong: 0 });

/**
 * The Retry-After of a block that has no end in time: a registration act lifts it, or after a password a completed reset.
 * It is no limit. A day keeps a front-end from repeating the request, and is the period of the other limit on wrong SMS codes.
 */
const retryAfterBlock = 'P1D';

/**
 * The instant (ms) from which another SMS code may be requested or entered; undefined if it may be now. Too many wrong
 * codes without a right one are reset by a registration act, those after a password by a completed reset too ([NIST] 3.2.2).
 */
export function otpBlockedUntilMs(
  counts: OtpCounts,
  policy: JourneyPolicy,
  nowMs: number,
): number | undefined {
  if (counts.consecutiveWrong >= policy.consecutiveWrongOtps.max) return after(nowMs, retryAfterBlock);
  if (counts.wrongInPeriod >= policy.wrongOtpsPerPeriod.max && nowMs < counts.periodEndsAtMs)
    return counts.periodEndsAtMs;
  return undefined;
}
