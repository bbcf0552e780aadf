import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  handleChangePasswordByCertificate,
  validateChangePasswordByCertificate,
} from './change-password-by-certificate.ts';
import { CitizenRun } from './citizen-run.ts';
import { handleExtendJourney, validateExtendJourney } from './extend-journey.ts';
import * as messages from './messages.ts';
import {
  handleRegenerateActivationCode,
  validateRegenerateActivationCode,
} from './regenerate-activation-code.ts';
import { handleRegisterCitizen, validateRegisterCitizen } from './register-citizen.ts';
import { handleRenewIdentification, validateRenewIdentification } from './renew-identification.ts';
import { handleResendOtp, validateResendOtp } from './resend-otp.ts';
import { handleSetPassword, validateSetPassword } from './set-password.ts';
import { handleActivationCodeRevoked, handleCitizenUnsubscribed, handlePasswordBlocked } from './signals.ts';
import { type CitizenSnapshot, upgradeSnapshot } from './snapshot.ts';
import { handleStartJourney, validateStartJourney } from './start-journey.ts';
import { handleStartRegistration, validateStartRegistration } from './start-registration.ts';
import { handleSubmitActivationCode, validateSubmitActivationCode } from './submit-activation-code.ts';
import { handleSubmitOtp, validateSubmitOtp } from './submit-otp.ts';
import { handleSuspendCitizen, validateSuspendCitizen } from './suspend-citizen.ts';
import {
  handleUnsubscribeByCertificate,
  validateUnsubscribeByCertificate,
} from './unsubscribe-by-certificate.ts';
import { startWakeTimer } from './wake-timer.ts';

/**
 * One citizen, from the first registration act on, beyond an unsubscription: the only place that decides which step comes
 * next, how many wrong entries are left and when the password expires (docs/adr/0001). Each run starts from a small
 * snapshot; a sleeping citizen's history is a start and one timer, or none.
 *
 * That opening is frozen: today's code replays the sleeping citizens of every release, so nothing else may be scheduled
 * by it. New behaviour goes into the handling of a message or of a due clock, behind `patched()`.
 */
export async function citizen(stored: CitizenSnapshot): Promise<void> {
  const snapshot = upgradeSnapshot(stored);
  const run = new CitizenRun(snapshot);

  setHandler(messages.registerCitizen, (act) => shielded(() => handleRegisterCitizen(run, act)), {
    description: 'A registration act: a new activation code, the old one void',
    validator: (act) => validateRegisterCitizen(run, act),
  });
  setHandler(
    messages.regenerateActivationCode,
    (request) => shielded(() => handleRegenerateActivationCode(run, request)),
    {
      description: 'A new activation code for a registered citizen',
      validator: (request) => validateRegenerateActivationCode(run, request),
    },
  );
  setHandler(
    messages.submitActivationCode,
    (entry) => shielded(() => handleSubmitActivationCode(run, entry)),
    {
      description: 'An entry of the activation code: the right one opens a journey',
      validator: (entry) => validateSubmitActivationCode(run, entry),
    },
  );
  setHandler(messages.startRegistration, (start) => shielded(() => handleStartRegistration(run, start)), {
    description: 'An online registration: a journey that proves the phone',
    validator: (start) => validateStartRegistration(run, start),
  });
  setHandler(
    messages.renewIdentification,
    (renewal) => shielded(() => handleRenewIdentification(run, renewal)),
    {
      description: 'The identity proved in person again, for another five years',
      validator: (renewal) => validateRenewIdentification(run, renewal),
    },
  );
  setHandler(messages.startJourney, (start) => shielded(() => handleStartJourney(run, start)), {
    description: 'A journey opened with the password: change, renewal, unsubscription',
    validator: (start) => validateStartJourney(run, start),
  });
  setHandler(messages.suspendCitizen, (suspension) => shielded(() => handleSuspendCitizen(run, suspension)), {
    description: 'A suspension by an office, until a new registration act',
    validator: (suspension) => validateSuspendCitizen(run, suspension),
  });
  setHandler(
    messages.passwordBlocked,
    (passwordId) => shielded(() => handlePasswordBlocked(run, passwordId)),
    {
      description: 'Too many failed sign-ins have blocked the password',
    },
  );
  setHandler(
    messages.activationCodeRevoked,
    (codeId) => shielded(() => handleActivationCodeRevoked(run, codeId)),
    {
      description: 'The activation code is void: a later one was lost with a backup',
    },
  );
  setHandler(messages.citizenUnsubscribed, () => shielded(() => handleCitizenUnsubscribed(run)), {
    description: 'PostgreSQL has an unsubscription that was lost here with a backup',
  });
  setHandler(messages.submitOtp, (entry) => shielded(() => handleSubmitOtp(run, entry)), {
    description: 'An entry of the SMS code of a journey',
    validator: (entry) => validateSubmitOtp(run, entry),
  });
  setHandler(messages.resendOtp, (message) => shielded(() => handleResendOtp(run, message)), {
    description: 'A further SMS code in place of the one before',
    validator: (message) => validateResendOtp(run, message),
  });
  setHandler(messages.extendJourney, (message) => shielded(() => handleExtendJourney(run, message)), {
    description: 'More time for a journey, once',
    validator: (message) => validateExtendJourney(run, message),
  });
  setHandler(messages.setPassword, (choice) => shielded(() => handleSetPassword(run, choice)), {
    description: 'A new password, staged in PostgreSQL: the message carries only its id',
    validator: (choice) => validateSetPassword(run, choice),
  });
  setHandler(
    messages.changePasswordByCertificate,
    (change) => shielded(() => handleChangePasswordByCertificate(run, change)),
    {
      description: 'A new password on the strength of a certificate, without an SMS code',
      validator: (change) => validateChangePasswordByCertificate(run, change),
    },
  );
  setHandler(
    messages.unsubscribeByCertificate,
    (unsubscription) => shielded(() => handleUnsubscribeByCertificate(run, unsubscription)),
    {
      description: 'An unsubscription on the strength of a certificate, without an SMS code',
      validator: (unsubscription) => validateUnsubscribeByCertificate(run, unsubscription),
    },
  );
  setHandler(messages.journeyView, (journeyId) => run.viewOf(journeyId), {
    description: 'The open journey of that id, or null',
  });
  setHandler(messages.citizenStatus, () => run.statusView(), {
    description: 'The status of the citizen, as officers see it',
  });

  await shielded(async () => {
    startWakeTimer(run, snapshot.wakesAtMs);
    await runUntilIdle(run);
  });
}

/** A "cancel" in the UI must not lose code, counts and clock: only "terminate" ends a citizen (docs/adr/0002). */
const shielded = <Result>(work: () => Promise<Result>): Promise<Result> =>
  CancellationScope.nonCancellable(work);

async function runUntilIdle(run: CitizenRun): Promise<void> {
  run.setDetails();
  if (!(await awaitRegistration(run))) return run.updateVisibility();
  await run.untilIdle(() => workflowInfo().continueAsNewSuggested);
  run.updateVisibility();
  await continueAsNew<typeof citizen>(run.snapshot());
}

/**
 * Waits, in the first run, for the registration act that it was started with, at an office or online. Returns whether there is a citizen: if no act
 * was applied, the workflow ends.
 */
async function awaitRegistration(run: CitizenRun): Promise<boolean> {
  const isRegistered = () => run.registration !== undefined;
  if (isRegistered()) return true;
  await condition(() => isRegistered() || run.endsUnregistered, '1 minute');
  while (!isRegistered()) {
    // An online registration under way holds the run for as long as its journey lasts.
    run.endsUnregistered = !run.hasOpenJourney;
    await run.untilNothingOpen(isRegistered);
    // No act arrived, or it was refused: from here on further acts are rejected, so that none is lost with this run. An act
    // that is being applied may still make the citizen known, so its handler is waited for; or it opens a journey.
    run.endsUnregistered = !isRegistered();
    await condition(() => isRegistered() || allHandlersFinished());
    if (!isRegistered() && !run.hasOpenJourney) return false;
  }
  run.endsUnregistered = false;
  return true;
}
