import type { CitizenRun } from './citizen-run.ts';
import type { ExtensionOutcome, JourneyMessage } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** More time is given once: the rejection of a further message is in no history, so asking again does not let it grow. */
export function validateExtendJourney(citizen: CitizenRun, message: JourneyMessage): void {
  assertInTime(message);
  const journey = citizen.journeyOf(message.journeyId);
  if (journey.isFinished) throw workflowError(workflowErrors.journeyOver, journey.view());
  if (journey.isExtended) throw workflowError(workflowErrors.alreadyExtended, journey.view());
}

/** Gives a journey as much time again as it had, at whichever step it is. */
export async function handleExtendJourney(
  citizen: CitizenRun,
  message: JourneyMessage,
): Promise<ExtensionOutcome> {
  validateExtendJourney(citizen, message);
  const journey = citizen.journeyOf(message.journeyId);
  journey.extend();
  citizen.setDetails();
  return { kind: 'extended', journey: journey.view() };
}
