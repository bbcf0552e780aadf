import { sleep } from '@temporalio/workflow';
import { before, type IsoDuration } from '../domain/durations.ts';
import { ignoreCancellation } from './cancellation.ts';
import type { Citizen } from './citizen-state.ts';
import type { PasswordClock } from './snapshot.ts';

const dayMs = 86_400_000;

/** The clock of a password that has just been set. A reminder that would come before the setting is none. */
export const startedClock = (
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

/**
 * Sleeps until the next reminder or the expiry ([clave]: two years). It runs beside the chapter and does not keep it
 * open. The one timer with which a sleeper's history opens: frozen, see `citizen.ts`.
 */
export function watchPassword(record: Citizen): void {
  const { password } = record;
  if (!password || password.expired) return;
  const [reminderAtMs = password.expiresAtMs] = password.remindersAtMs;
  const atMs = Math.min(reminderAtMs, password.expiresAtMs);
  const summary = atMs === password.expiresAtMs ? 'the password expires' : 'a reminder is due';
  sleep(Math.max(1, atMs - Date.now()), { summary }).then(() => {
    // Replaced meanwhile: the next chapter has the new clock.
    if (record.password?.id !== password.id) return;
    if (Date.now() >= password.expiresAtMs) expire(record, password);
    else remind(record, password);
    record.updateVisibility();
    record.continueAsNewRequested = true;
  }, ignoreCancellation);
}

function expire(record: Citizen, password: PasswordClock): void {
  // Of the record, not of the start of the chapter: it may have been blocked since.
  record.password = { ...(record.password ?? password), expired: true, remindersAtMs: [] };
  const stamp = { id: `${password.id}/expired`, citizenId: record.id };
  record.inBackground(record.write((write) => write.recordEvent({ type: 'password-expired' }, stamp)));
}

/** One text, whatever reminders were missed while nothing ran; and with the days that are really left. */
function remind(record: Citizen, password: PasswordClock): void {
  const nowMs = Date.now();
  const remindersAtMs = password.remindersAtMs.filter((atMs) => atMs > nowMs);
  record.password = { ...(record.password ?? password), remindersAtMs };
  const days = Math.round((password.expiresAtMs - nowMs) / dayMs);
  record.remind(password.id, days);
}
