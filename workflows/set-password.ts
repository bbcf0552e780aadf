import { condition } from '@temporalio/workflow';
import type { CitizenRun } from './citizen-run.ts';
import type { PasswordChoice, PasswordOutcome } from './messages.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Only at its step, and not while another choice is being saved. */
export function validateSetPassword(citizen: CitizenRun, choice: PasswordChoice): void {
  assertInTime(choice);
  citizen.journeyOf(choice.journeyId).assertStep('password');
}

/** Submits the staged password to the step that awaits it, and answers when it is in force. */
export async function handleSetPassword(
  citizen: CitizenRun,
  choice: PasswordChoice,
): Promise<PasswordOutcome> {
  validateSetPassword(citizen, choice);
  const journey = citizen.journeyOf(choice.journeyId);
  journey.passwordChoice.submit(choice);
  // Also while PostgreSQL is away: the sender gives up, repeats, and gets this answer then (docs/adr/0012).
  await condition(() => journey.isFinished || journey.passwordChoice.value !== choice);
  if (journey.finishedBy !== choice.messageId)
    throw workflowError(
      journey.isFinished ? workflowErrors.journeyOver : workflowErrors.wrongStep,
      journey.view(),
    );
  return { kind: 'accepted', journey: journey.view() };
}
