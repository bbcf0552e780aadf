import { sleep } from '@temporalio/workflow';
import type { CitizenRun } from './citizen-run.ts';
import { daysLeft, dropDueReminders, expire, nextDueAtMs } from './password-clock.ts';
import { localThenDurable } from './proxies.ts';
import { ignoreCancellation } from './runtime/cancellation.ts';

/**
 * Starts the one timer with which a run opens: the sleep until the snapshot's `wakesAtMs`, or none. The run does not wait
 * for it. Frozen (see `citizen.ts`): which clock was the next one was decided when the run before ended, so a later clock
 * adds nothing to the history of who is asleep.
 */
export function startWakeTimer(citizen: CitizenRun, wakesAtMs: number | undefined): void {
  if (wakesAtMs === undefined) return;
  sleep(Math.max(1, wakesAtMs - Date.now()), { summary: 'until the next clock of the citizen is due' }).then(
    () => {
      runDueClocks(citizen, Date.now());
      citizen.updateVisibility();
      citizen.requestContinueAsNew();
    },
    ignoreCancellation,
  );
}

/** Does what is due of every clock. A message may have changed a clock during the sleep: then nothing is. */
function runDueClocks(citizen: CitizenRun, nowMs: number): void {
  runPasswordClock(citizen, nowMs);
}

/** The reminders and the expiry of the password ([clave]: two years). */
function runPasswordClock(citizen: CitizenRun, nowMs: number): void {
  const { password } = citizen;
  const dueAtMs = password && nextDueAtMs(password);
  if (!password || dueAtMs === undefined || nowMs < dueAtMs) return;
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
}
