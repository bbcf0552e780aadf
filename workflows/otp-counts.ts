import { after } from '../domain/durations.ts';
import type { VisitPolicy } from './messages.ts';
import type { OtpCounts } from './snapshot.ts';

/** The counts after a wrong SMS code. A period begins with its first wrong entry. */
export function afterWrong(counts: OtpCounts, policy: VisitPolicy, nowMs: number): OtpCounts {
  const inPeriod = nowMs < counts.periodEndsAtMs;
  return {
    wrongInPeriod: inPeriod ? counts.wrongInPeriod + 1 : 1,
    periodEndsAtMs: inPeriod ? counts.periodEndsAtMs : after(nowMs, policy.otpPerCitizen.per),
    wrongInARow: counts.wrongInARow + 1,
  };
}

/** The counts after a right SMS code: the day's stay, so that a right one buys no new guesses. */
export const afterRight = (counts: OtpCounts): OtpCounts => ({ ...counts, wrongInARow: 0 });

/**
 * From when on (ms) another SMS code may be asked for or entered, if not now. After too many without a right one only
 * a registration act helps; the answer is then a far instant, so that nobody is told to wait for nothing.
 */
export function usedUpUntilMs(counts: OtpCounts, policy: VisitPolicy, nowMs: number): number | undefined {
  if (counts.wrongInARow >= policy.otpWithoutRightOne.tries) return after(nowMs, 'P1D');
  if (counts.wrongInPeriod >= policy.otpPerCitizen.tries && nowMs < counts.periodEndsAtMs)
    return counts.periodEndsAtMs;
  return undefined;
}
