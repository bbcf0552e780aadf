import { sleep } from '@temporalio/workflow';
import type { CitizenRun } from './citizen-run.ts';
import { clocks } from './clocks.ts';
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

/** Runs every clock that is due. None is if a message moved it during the sleep. */
function runDueClocks(citizen: CitizenRun, nowMs: number): void {
  for (const { dueAtMs, run } of clocks) {
    const atMs = dueAtMs(citizen);
    if (atMs !== undefined && atMs <= nowMs) run(citizen, nowMs);
  }
}
