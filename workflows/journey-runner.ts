import { CancellationScope, condition, sleep } from '@temporalio/workflow';
import type { CitizenRun } from './citizen-run.ts';
import { type Journey, JourneyEnded } from './journey.ts';
import { JourneySteps } from './journey-steps.ts';
import { journeys } from './journeys.ts';
import { localThenDurable } from './proxies.ts';
import { ignoreCancellation } from './runtime/cancellation.ts';

/** Runs a journey until it is completed, or until its deadline, a later journey or another message ends it. */
export async function runJourney(journey: Journey, citizen: CitizenRun): Promise<void> {
  citizen.updateVisibility();
  const deadline = new CancellationScope();
  citizen.inBackground(deadline.run(() => endAtDeadline(journey)).catch(ignoreCancellation));
  try {
    await journeys[journey.kind](new JourneySteps(journey, citizen));
  } catch (error) {
    if (!(error instanceof JourneyEnded)) throw error;
  }
  deadline.cancel();
  citizen.updateVisibility();
  await recordEnd(journey, citizen);
  citizen.requestContinueAsNew();
}

async function endAtDeadline(journey: Journey): Promise<void> {
  let deadlineMs: number;
  do {
    deadlineMs = journey.deadlineMs;
    await sleep(Math.max(1, deadlineMs - Date.now()), { summary: `${journey.kind}: left alone` });
    // The citizen has asked for more time meanwhile: it sleeps on, until then.
  } while (journey.deadlineMs !== deadlineMs);
  // While the last transaction runs, the deadline waits for it, however late PostgreSQL is.
  await condition(() => !journey.isSaving);
  journey.finish('timed-out');
}

/** Writes the outcome of a journey that ended without success: that of a completed one was written with its effect. */
async function recordEnd(journey: Journey, citizen: CitizenRun): Promise<void> {
  const { id: journeyId, kind, outcome, finishedBy, requestId } = journey;
  if (outcome === null || journey.isCompleted) return;
  const ended = { journeyId, citizenId: citizen.id, kind, outcome, requestId, closedAtMs: Date.now() };
  await localThenDurable((activities) =>
    activities.closeJourney(finishedBy ? { ...ended, finishedBy } : ended),
  );
}
