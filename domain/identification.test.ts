import { describe, expect, test } from '@jest/globals';
import { exceedsGuesses, isOtpVoid, outcomeAt, resendBlockedUntilMs } from './identification.ts';

const limits = { tolerated: 3, maxSends: 3 };
const expiresAtMs = 30 * 60_000;

describe('an identification', () => {
  test('that was left alone has timed out at the instant of its expiry, and keeps an outcome that it has', () => {
    expect(outcomeAt({ outcome: null, expiresAtMs }, expiresAtMs - 1)).toBeNull();
    expect(outcomeAt({ outcome: null, expiresAtMs }, expiresAtMs)).toBe('timed-out');
    expect(outcomeAt({ outcome: 'signed-in', expiresAtMs }, expiresAtMs + 1)).toBe('signed-in');
  });

  test('takes entries until its code expires, or one more than tolerated was wrong', () => {
    expect(isOtpVoid({ otpExpiresAtMs: 1_000, wrong: 3 }, limits, 1_000)).toBe(false);
    expect(isOtpVoid({ otpExpiresAtMs: 1_000, wrong: 0 }, limits, 1_001)).toBe(true);
    expect(isOtpVoid({ otpExpiresAtMs: 1_000, wrong: 4 }, limits, 0)).toBe(true);
    expect([3, 4].map((wrong) => exceedsGuesses(wrong, limits))).toEqual([false, true]);
  });

  test('sends another code after the pause, and none after the last', () => {
    const row = { sends: 2, expiresAtMs, resendAfterMs: 1_000 };
    expect(resendBlockedUntilMs(row, limits, 999)).toBe(1_000);
    expect(resendBlockedUntilMs(row, limits, 1_000)).toBeUndefined();
    expect(resendBlockedUntilMs({ ...row, sends: 3 }, limits, 1_000)).toBe(expiresAtMs);
  });
});
