import { calendarDaysBetween } from '../domain/calendar-days.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { CitizenState } from './citizen-state.ts';
import { daysLeft, dropDueReminders, expire, nextDueAtMs } from './password-clock.ts';
import { localThenDurable } from './proxies.ts';

/** Something that happens to a citizen at an instant, without a message. */
interface Clock {
  /** The next instant (ms); undefined while it does not run. */
  readonly dueAtMs: (citizen: CitizenState) => number | undefined;
  /** What happens then. Afterwards `dueAtMs` is later, or undefined. */
  readonly run: (citizen: CitizenRun, nowMs: number) => void;
}

/** The reminders and the expiry of the password ([clave]: two years). */
const passwordClock: Clock = {
  dueAtMs: ({ password }) => password && nextDueAtMs(password),
  run(citizen, nowMs) {
    const { password } = citizen;
    if (!password) return;
    if (nowMs < password.expiresAtMs) {
      citizen.setPassword(dropDueReminders(password, nowMs));
      citizen.remind(password.id, daysLeft(password, nowMs));
      return;
    }
    citizen.setPassword(expire(password));
    const stamp = { id: `${password.id}/expired`, citizenId: citizen.id };
    citizen.inBackground(
      localThenDurable((activities) => activities.recordEvent({ type: 'password-expired' }, stamp)),
    );
  },
};

/**
 * The one reminder that the identification in person is due again ([clave]: five years). Nothing ends then by itself: signing
 * certificates are not issued until it is renewed. Who has unsubscribed is not reminded.
 */
const identificationClock: Clock = {
  dueAtMs: ({ code, registration }) => code && registration?.lastStrongIdentification?.reminderAtMs,
  run(citizen, nowMs) {
    const last = citizen.registration?.lastStrongIdentification;
    if (!last) return;
    const { reminderAtMs: _, ...reminded } = last;
    citizen.setLastStrongIdentification(reminded);
    const { atMs, dueAtMs } = last;
    if (dueAtMs !== undefined && nowMs < dueAtMs)
      citizen.remindOfIdentification(atMs, calendarDaysBetween(nowMs, dueAtMs));
  },
};

/** All clocks of a citizen. The soonest says when a sleeping citizen wakes (`wake-timer.ts`). */
export const clocks: readonly Clock[] = [passwordClock, identificationClock];
