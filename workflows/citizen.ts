import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { enterActivationCode, validateCodeEntry } from './activation-code-entry.ts';
import { CitizenRun } from './citizen-run.ts';
import * as messages from './messages.ts';
import { enterOtp, resendOtp, validateOtpEntry, validateResend } from './otp-entry.ts';
import { choosePassword, validatePasswordChoice } from './password-choice.ts';
import { startPasswordTimer } from './password-timer.ts';
import { regenerate, register, validateRegeneration, validateRegistration } from './registration.ts';
import { onActivationCodeRevoked, onPasswordBlocked } from './signals.ts';
import { type CitizenSnapshot, upgradeSnapshot } from './snapshot.ts';
import { startAuthenticatedJourney, validateJourneyStart } from './start-authenticated-journey.ts';
import { suspend, validateSuspension } from './suspension.ts';

/**
 * One citizen, from the registration act to the unsubscription: the only place that decides which step comes next, how
 * many wrong entries are left and when the password expires (docs/adr/0001). Each run starts from a small snapshot; a
 * sleeping citizen's history is a start and one timer.
 *
 * That opening is frozen: today's code replays the sleeping citizens of every release, so nothing may be scheduled before
 * the timer. New behaviour goes into the handling of a message or of a timer, behind `patched()`.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  const run = new CitizenRun(upgradeSnapshot(stored));

  setHandler(messages.registerCitizen, (act) => shielded(() => register(run, act)), {
    description: 'A registration act: a new activation code, the old one void',
    validator: (act) => validateRegistration(run, act),
  });
  setHandler(messages.regenerateActivationCode, (request) => shielded(() => regenerate(run, request)), {
    description: 'A new activation code for a registered citizen',
    validator: (request) => validateRegeneration(run, request),
  });
  setHandler(messages.submitActivationCode, (entry) => shielded(() => enterActivationCode(run, entry)), {
    description: 'An entry of the activation code: the right one opens a journey',
    validator: (entry) => validateCodeEntry(run, entry),
  });
  setHandler(messages.startJourney, (start) => shielded(() => startAuthenticatedJourney(run, start)), {
    description: 'A journey begun with the password: sign-in, change, renewal, unsubscription',
    validator: (start) => validateJourneyStart(run, start),
  });
  setHandler(messages.suspendCitizen, (suspension) => shielded(() => suspend(run, suspension)), {
    description: 'A suspension by an office, until a new registration act',
    validator: (suspension) => validateSuspension(run, suspension),
  });
  setHandler(messages.passwordBlocked, (passwordId) => shielded(() => onPasswordBlocked(run, passwordId)), {
    description: 'Too many failed sign-ins have blocked the password',
  });
  setHandler(
    messages.activationCodeRevoked,
    (codeId) => shielded(() => onActivationCodeRevoked(run, codeId)),
    {
      description: 'The activation code is void: a later one was lost with a backup',
    },
  );
  setHandler(messages.submitOtp, (entry) => shielded(() => enterOtp(run, entry)), {
    description: 'An entry of the SMS code of a journey',
    validator: (entry) => validateOtpEntry(run, entry),
  });
  setHandler(messages.resendOtp, (message) => shielded(() => resendOtp(run, message)), {
    description: 'A further SMS code in place of the one before',
    validator: (message) => validateResend(run, message),
  });
  setHandler(messages.setPassword, (choice) => shielded(() => choosePassword(run, choice)), {
    description: 'A new password, staged in PostgreSQL: the message carries only its id',
    validator: (choice) => validatePasswordChoice(run, choice),
  });
  setHandler(messages.journeyView, (journeyId) => run.viewOf(journeyId), {
    description: 'The open journey of that id, or null',
  });
  setHandler(messages.citizenStatus, () => run.statusView(), {
    description: 'The status of the citizen, as officers see it',
  });

  await shielded(() => runUntilDrained(run));
}

/** A "cancel" in the UI must not lose code, counts and clock: only "terminate" ends a citizen (docs/adr/0002). */
const shielded = <Result>(work: () => Promise<Result>): Promise<Result> =>
  CancellationScope.nonCancellable(work);

async function runUntilDrained(run: CitizenRun): Promise<void> {
  run.setDetails();
  if (!(await awaitRegistration(run))) return run.updateVisibility();
  startPasswordTimer(run);
  await run.untilDrained(() => workflowInfo().continueAsNewSuggested);
  run.updateVisibility();
  // The registration stays known in PostgreSQL; a new act starts a new workflow.
  if (run.isUnsubscribed) return;
  await continueAsNew<typeof citizen>(run.snapshot());
}

/**
 * Waits, in the first run, for the registration act that it was started with. Returns whether there is a citizen: if no act
 * was applied, the workflow ends.
 */
async function awaitRegistration(run: CitizenRun): Promise<boolean> {
  if (run.code) return true;
  await condition(() => run.code !== undefined || run.isEnding, '1 minute');
  run.isEnding = run.code === undefined;
  await condition(() => run.code !== undefined || allHandlersFinished());
  run.isEnding = run.code === undefined;
  return !run.isEnding;
}
