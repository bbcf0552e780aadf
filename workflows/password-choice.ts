import { condition } from '@temporalio/workflow';
import { assertInTime, type Citizen } from './citizen-state.ts';
import { workflowError } from './journey.ts';
import { type PasswordChoice, type PasswordOutcome, workflowErrors } from './messages.ts';

/** Only at its step, and not while another choice is being saved. */
export function validatePasswordChoice(citizen: Citizen, choice: PasswordChoice): void {
  assertInTime(choice);
  citizen.journeyOf(choice.journeyId).assertStep('password');
}

/** Hands the staged password to the story that waits for it, and answers when it is in force. */
export async function choosePassword(citizen: Citizen, choice: PasswordChoice): Promise<PasswordOutcome> {
  validatePasswordChoice(citizen, choice);
  const journey = citizen.journeyOf(choice.journeyId);
  journey.choice = choice;
  // While PostgreSQL is away, too: the sender gives up and repeats, and hears of it then (docs/adr/0012).
  await condition(() => journey.hasEnded || journey.choice !== choice);
  if (journey.finishedBy !== choice.messageId)
    throw workflowError(
      journey.hasEnded ? workflowErrors.journeyOver : workflowErrors.wrongStep,
      journey.view(),
    );
  return { kind: 'accepted', journey: journey.view() };
}
