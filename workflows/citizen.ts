import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { enterActivationCode, validateCodeEntry } from './activation-code-entry.ts';
import { Citizen } from './citizen-state.ts';
import * as messages from './messages.ts';
import { enterOtp, resendOtp, validateOtpEntry, validateResend } from './otp-entry.ts';
import { choosePassword, validatePasswordChoice } from './password-choice.ts';
import { watchPassword } from './password-clock.ts';
import { regenerate, register, validateRegeneration, validateRegistration } from './registration.ts';
import { type CitizenSnapshot, upgradeSnapshot } from './snapshot.ts';
import { startAuthenticatedJourney, validateJourneyStart } from './start-authenticated-journey.ts';
import { suspend, validateSuspension } from './suspension.ts';

/**
 * One citizen, from the registration act to the unsubscription: the only place that decides which step comes next, how
 * many wrong entries are left and when the password expires (docs/adr/0001). Each chapter starts from a small snapshot;
 * a sleeping citizen's history is a start and one timer.
 *
 * That opening is frozen: sleepers of every release are replayed by the code of today, so nothing may be scheduled
 * before the timer. What is new goes into a message's or an instant's handling, behind `patched()`.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  const record = new Citizen(upgradeSnapshot(stored));

  setHandler(messages.registerCitizen, (act) => shielded(() => register(record, act)), {
    description: 'A registration act: a new activation code, the old one void',
    validator: (act) => validateRegistration(record, act),
  });
  setHandler(messages.regenerateActivationCode, (request) => shielded(() => regenerate(record, request)), {
    description: 'A new activation code for a registered citizen',
    validator: (request) => validateRegeneration(record, request),
  });
  setHandler(messages.submitActivationCode, (entry) => shielded(() => enterActivationCode(record, entry)), {
    description: 'An entry of the activation code: a right one opens a journey',
    validator: (entry) => validateCodeEntry(record, entry),
  });
  setHandler(
    messages.startJourney,
    (beginning) => shielded(() => startAuthenticatedJourney(record, beginning)),
    {
      description: 'A journey begun with the password: sign-in, change, renewal, unsubscription',
      validator: (beginning) => validateJourneyStart(record, beginning),
    },
  );
  setHandler(messages.suspendCitizen, (suspension) => shielded(() => suspend(record, suspension)), {
    description: 'An office shuts the account until a new registration act',
    validator: (suspension) => validateSuspension(record, suspension),
  });
  setHandler(messages.passwordBlocked, (passwordId) => shielded(() => record.onPasswordBlocked(passwordId)), {
    description: 'News: too many failed sign-ins have blocked the password',
  });
  setHandler(messages.activationCodeRevoked, (codeId) => shielded(() => record.onCodeRevoked(codeId)), {
    description: 'News: the office has given another activation code, which was lost with a backup',
  });
  setHandler(messages.submitOtp, (entry) => shielded(() => enterOtp(record, entry)), {
    description: 'An entry of the SMS code of a journey',
    validator: (entry) => validateOtpEntry(record, entry),
  });
  setHandler(messages.resendOtp, (message) => shielded(() => resendOtp(record, message)), {
    description: 'A further SMS code in place of the one before',
    validator: (message) => validateResend(record, message),
  });
  setHandler(messages.setPassword, (choice) => shielded(() => choosePassword(record, choice)), {
    description: 'A new password, staged in PostgreSQL: here only its id',
    validator: (choice) => validatePasswordChoice(record, choice),
  });
  setHandler(messages.journeyView, (journeyId) => record.viewOf(journeyId), {
    description: 'The open journey of that id, or null',
  });
  setHandler(messages.citizenStatus, () => record.statusView(), {
    description: 'What officers are told of a citizen',
  });

  await shielded(() => chapter(record));
}

/** Nobody loses code, counts and clock by a "cancel" in the UI: who wants that terminates (docs/adr/0002). */
const shielded = <Result>(work: () => Promise<Result>): Promise<Result> =>
  CancellationScope.nonCancellable(work);

async function chapter(record: Citizen): Promise<void> {
  record.setDetails();
  if (!(await isRegistered(record))) return record.updateVisibility();
  watchPassword(record);
  await record.untilDrained(() => workflowInfo().continueAsNewSuggested);
  record.updateVisibility();
  // The registration stays known in PostgreSQL; a new act starts a new workflow.
  if (record.isUnsubscribed) return;
  await continueAsNew<typeof citizen>(record.snapshot());
}

/** The first run waits for the act that it was started with; if that never comes, there is nobody to keep it for. */
async function isRegistered(record: Citizen): Promise<boolean> {
  if (record.code) return true;
  await condition(() => record.code !== undefined || record.isEnding, '1 minute');
  record.isEnding = record.code === undefined;
  await condition(() => record.code !== undefined || allHandlersFinished());
  record.isEnding = record.code === undefined;
  return !record.isEnding;
}
