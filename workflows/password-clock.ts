import { calendarDaysBetween } from '../domain/calendar-days.ts';
import { before, type IsoDuration } from '../domain/durations.ts';
import type { PasswordClock } from './snapshot.ts';

/** The clock of a password that has just been set, without the reminders whose instant is already past. `clocks.ts` runs it. */
export const newPasswordClock = (
  id: string,
  expiresAtMs: number,
  setAtMs: number,
  reminders: readonly IsoDuration[],
): PasswordClock => ({
  id,
  expiresAtMs,
  expired: false,
  blocked: false,
  remindersAtMs: reminders
    .map((reminder) => before(expiresAtMs, reminder))
    .filter((atMs) => atMs > setAtMs)
    .sort((a, b) => a - b),
});

/** The next instant (ms) at which a reminder is due or the password expires; undefined once it has expired. */
export const nextDueAtMs = ({ remindersAtMs, expiresAtMs, expired }: PasswordClock): number | undefined =>
  expired ? undefined : Math.min(remindersAtMs[0] ?? expiresAtMs, expiresAtMs);

/** The clock after the expiry. */
export const expire = (clock: PasswordClock): PasswordClock => ({
  ...clock,
  expired: true,
  remindersAtMs: [],
});

/** The clock after a reminder: one reminder stands for all that were missed while nothing ran. */
export const dropDueReminders = (clock: PasswordClock, nowMs: number): PasswordClock => ({
  ...clock,
  remindersAtMs: clock.remindersAtMs.filter((atMs) => atMs > nowMs),
});

/** Calendar days until the expiry, as the reminder states them. */
export const daysLeft = ({ expiresAtMs }: PasswordClock, nowMs: number): number =>
  calendarDaysBetween(nowMs, expiresAtMs);
