import { sleep } from '@temporalio/workflow';
import type { CitizenRun } from './citizen-run.ts';
import { daysLeft, dropDueReminders, expire, nextDueAtMs } from './password-clock.ts';
import { localThenDurable } from './proxies.ts';
import { ignoreCancellation } from './runtime/cancellation.ts';

/**
 * Starts the timer of the next reminder or the expiry of the password ([clave]: two years). The run does not wait for it.
 * It is the one timer with which a sleeping citizen's history opens, and frozen: see `citizen.ts`.
 */
export function startPasswordTimer(citizen: CitizenRun): void {
  const { password } = citizen;
  if (!password || password.expired) return;
  const atMs = nextDueAtMs(password);
  const summary = atMs === password.expiresAtMs ? 'the password expires' : 'a reminder is due';
  sleep(Math.max(1, atMs - Date.now()), { summary }).then(() => {
    // A block may have changed the clock since; if the password was replaced, the next run has the timer of the new one.
    const { password: current } = citizen;
    if (current?.id !== password.id) return;
    const nowMs = Date.now();
    if (nowMs >= current.expiresAtMs) {
      citizen.password = expire(current);
      const stamp = { id: `${current.id}/expired`, citizenId: citizen.id };
      citizen.inBackground(
        localThenDurable((activities) => activities.recordEvent({ type: 'password-expired' }, stamp)),
      );
    } else {
      citizen.password = dropDueReminders(current, nowMs);
      citizen.remind(current.id, daysLeft(current, nowMs));
    }
    citizen.updateVisibility();
    citizen.requestContinueAsNew();
  }, ignoreCancellation);
}
