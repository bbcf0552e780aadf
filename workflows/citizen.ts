import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { begin, mayBegin } from './beginnings.ts';
import { Citizen } from './citizen-record.ts';
import { enterCode, mayEnterCode } from './code-entry.ts';
import * as messages from './messages.ts';
import { enterOtp, mayEnterOtp, mayResend, resend } from './otp-entry.ts';
import { choosePassword, mayChoosePassword } from './password-choice.ts';
import { watchPassword } from './password-clock.ts';
import { mayRegenerate, mayRegister, regenerate, register } from './registration.ts';
import { type CitizenSnapshot, upgraded } from './snapshot.ts';
import { maySuspend, suspend } from './suspension.ts';

/**
 * One citizen, from the registration act to the unsubscription: the only place that decides which step comes next, how
 * many wrong entries are left and when the password expires (docs/adr/0001). Each chapter starts from a small snapshot;
 * a sleeping citizen's history is a start and one timer.
 *
 * That opening is frozen: sleepers of every release are replayed by the code of today, so nothing may be scheduled
 * before the timer. What is new goes into a message's or an instant's handling, behind `patched()`.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  const record = new Citizen(upgraded(stored));

  setHandler(messages.registerCitizen, (act) => shielded(() => register(record, act)), {
    description: 'A registration act: a new activation code, the old one void',
    validator: (act) => mayRegister(record, act),
  });
  setHandler(messages.regenerateActivationCode, (request) => shielded(() => regenerate(record, request)), {
    description: 'A new activation code for a registered citizen',
    validator: (request) => mayRegenerate(record, request),
  });
  setHandler(messages.submitActivationCode, (entry) => shielded(() => enterCode(record, entry)), {
    description: 'An entry of the activation code: a right one opens a visit',
    validator: (entry) => mayEnterCode(record, entry),
  });
  setHandler(messages.beginVisit, (beginning) => shielded(() => begin(record, beginning)), {
    description: 'A visit begun with the password: sign-in, change, renewal, unsubscription',
    validator: (beginning) => mayBegin(record, beginning),
  });
  setHandler(messages.suspendCitizen, (suspension) => shielded(() => suspend(record, suspension)), {
    description: 'An office shuts the account until a new registration act',
    validator: (suspension) => maySuspend(record, suspension),
  });
  setHandler(messages.passwordWasBlocked, (passwordId) => shielded(() => record.hearOfBlock(passwordId)), {
    description: 'News: too many failed sign-ins have blocked the password',
  });
  setHandler(messages.activationCodeIsVoid, (codeId) => shielded(() => record.hearOfVoidCode(codeId)), {
    description: 'News: the office has given another activation code, which was lost with a backup',
  });
  setHandler(messages.submitOtp, (entry) => shielded(() => enterOtp(record, entry)), {
    description: 'An entry of the SMS code of a visit',
    validator: (entry) => mayEnterOtp(record, entry),
  });
  setHandler(messages.resendOtp, (message) => shielded(() => resend(record, message)), {
    description: 'A further SMS code in place of the one before',
    validator: (message) => mayResend(record, message),
  });
  setHandler(messages.setPassword, (choice) => shielded(() => choosePassword(record, choice)), {
    description: 'A new password, staged in PostgreSQL: here only its id',
    validator: (choice) => mayChoosePassword(record, choice),
  });
  setHandler(messages.journey, (visitId) => record.viewOf(visitId), {
    description: 'The open journey of that id, or null',
  });
  setHandler(messages.standing, () => record.standing(), {
    description: 'What officers are told of a citizen',
  });

  await shielded(() => chapter(record));
}

/** Nobody loses code, counts and clock by a "cancel" in the UI: who wants that terminates (docs/adr/0002). */
const shielded = <Result>(work: () => Promise<Result>): Promise<Result> =>
  CancellationScope.nonCancellable(work);

async function chapter(record: Citizen): Promise<void> {
  record.describe();
  if (!(await isRegistered(record))) return record.show();
  watchPassword(record);
  await record.untilChapterEnds(() => workflowInfo().continueAsNewSuggested);
  record.show();
  // The registration stays known in PostgreSQL; a new act starts a new workflow.
  if (record.hasLeft) return;
  await continueAsNew<typeof citizen>(record.snapshot());
}

/** The first run waits for the act that it was started with; if that never comes, there is nobody to keep it for. */
async function isRegistered(record: Citizen): Promise<boolean> {
  if (record.code) return true;
  await condition(() => record.code !== undefined || record.isLeaving, '1 minute');
  record.isLeaving = record.code === undefined;
  await condition(() => record.code !== undefined || allHandlersFinished());
  record.isLeaving = record.code === undefined;
  return !record.isLeaving;
}
