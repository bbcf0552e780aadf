import { describe, expect, test } from '@jest/globals';
import { daysLeft, dropDueReminders, expire, newPasswordClock, nextDueAtMs } from './password-clock.ts';

const day = 86_400_000;
const clock = (reminders: string[]) => newPasswordClock('password', 100 * day, 0, reminders);

describe('the clock of a password', () => {
  test('has its reminders in order, without those that were due before it was set', () => {
    expect(clock(['P1D', 'P7D', 'P200D']).remindersAtMs).toEqual([93 * day, 99 * day]);
  });

  test('is next due at its first reminder, then at its expiry', () => {
    expect(nextDueAtMs(clock(['P1D', 'P7D']))).toBe(93 * day);
    expect(nextDueAtMs(clock([]))).toBe(100 * day);
  });

  test('counts one reminder for all that were missed, and states the days that are left', () => {
    const nowMs = 99.5 * day;
    expect(dropDueReminders(clock(['P30D', 'P7D', 'P1D']), nowMs).remindersAtMs).toEqual([]);
    expect(daysLeft(clock([]), 95 * day)).toBe(5);
  });

  test('has no reminders once it has expired, and keeps its block', () => {
    expect(expire({ ...clock(['P1D']), blocked: true })).toMatchObject({
      expired: true,
      blocked: true,
      remindersAtMs: [],
    });
  });
});
