import { describe, expect, test } from '@jest/globals';
import { exceedsGuesses, outcomeAt, resendBlock, whyOtpIsVoid } from './identification.ts';

const limits = { tolerated: 3, maxSends: 3 };
const expiresAtMs = 30 * 60_000;

describe('an identification', () => {
  test('that was left alone has timed out at the instant of its expiry, and keeps an outcome that it has', () => {
    expect(outcomeAt({ outcome: null, expiresAtMs }, expiresAtMs - 1)).toBeNull();
    expect(outcomeAt({ outcome: null, expiresAtMs }, expiresAtMs)).toBe('timed-out');
    expect(outcomeAt({ outcome: 'signed-in', expiresAtMs }, expiresAtMs + 1)).toBe('signed-in');
  });

  test('takes entries until its code expires, or one more than tolerated was wrong', () => {
    expect(whyOtpIsVoid({ otpExpiresAtMs: 1_000, wrong: 3 }, limits, 1_000)).toBeUndefined();
    expect(whyOtpIsVoid({ otpExpiresAtMs: 1_000, wrong: 0 }, limits, 1_001)).toBe('expired');
    expect(whyOtpIsVoid({ otpExpiresAtMs: 1_000, wrong: 4 }, limits, 0)).toBe('void');
    expect([3, 4].map((wrong) => exceedsGuesses(wrong, limits))).toEqual([false, true]);
  });

  test('sends another code after the pause, and none after the last', () => {
    const row = { sends: 2, expiresAtMs, resendAfterMs: 1_000 };
    expect(resendBlock(row, limits, 999)).toEqual({ limit: 'otp-pause', untilMs: 1_000 });
    expect(resendBlock(row, limits, 1_000)).toBeUndefined();
    expect(resendBlock({ ...row, sends: 3 }, limits, 1_000)).toEqual({
      limit: 'otp-sends',
      untilMs: expiresAtMs,
    });
  });
});
