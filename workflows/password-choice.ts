import { condition } from '@temporalio/workflow';
import { type Citizen, mustBeInTime } from './citizen-record.ts';
import { type PasswordChoice, type PasswordOutcome, refusals } from './messages.ts';
import { refusal } from './visit.ts';

/** Only at its step, and not while another choice is being saved. */
export function mayChoosePassword(citizen: Citizen, choice: PasswordChoice): void {
  mustBeInTime(choice);
  citizen.visitOf(choice.visitId).mustBeAt('password');
}

/** Hands the staged password to the story that waits for it, and answers when it is in force. */
export async function choosePassword(citizen: Citizen, choice: PasswordChoice): Promise<PasswordOutcome> {
  mayChoosePassword(citizen, choice);
  const visit = citizen.visitOf(choice.visitId);
  visit.choice = choice;
  // While PostgreSQL is away, too: the sender gives up and repeats, and hears of it then (docs/adr/0012).
  await condition(() => visit.isOver || visit.choice !== choice);
  if (visit.finishedBy !== choice.messageId)
    throw refusal(visit.isOver ? refusals.journeyOver : refusals.wrongStep, visit.view());
  return { kind: 'accepted', journey: visit.view() };
}
