import { after } from '../domain/durations.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { Journey } from './journey.ts';
import type { JourneyMessage, ResendOutcome } from './messages.ts';
import { abandonOtp, sendCurrentOtp } from './otp-sms.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** Too early, or no SMS code left: rejected with the instant of the next try. */
export function validateResendOtp(citizen: CitizenRun, message: JourneyMessage): void {
  assertInTime(message);
  const journey = citizen.journeyOf(message.journeyId);
  journey.assertStep('otp');
  const nowMs = Date.now();
  if (journey.sendsLeft === 0) throw workflowError(workflowErrors.tooMany, journey.deadlineMs);
  if (nowMs < journey.otp.resendAfterMs)
    throw workflowError(workflowErrors.tooMany, journey.otp.resendAfterMs);
  const untilMs = citizen.smsBlockedUntilMs(journey.proof, journey.policy, nowMs);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/** Sends a further SMS code in place of the one before; the guesses already used stay used. */
export async function handleResendOtp(citizen: CitizenRun, message: JourneyMessage): Promise<ResendOutcome> {
  validateResendOtp(citizen, message);
  const journey = citizen.journeyOf(message.journeyId);
  const releaseResend = journey.reserveResend(Date.now());
  try {
    return await citizen.runExclusive(message, () => sendNextOtp(citizen, journey));
  } catch (error) {
    // Nothing was sent, so another try need not wait.
    releaseResend();
    throw error;
  }
}

/** Puts the next SMS code in place of the one before and sends it, under the citizen's lock. @throws ApplicationFailure */
export async function sendNextOtp(citizen: CitizenRun, journey: Journey): Promise<ResendOutcome> {
  journey.assertStep('otp');
  const { id: journeyId, kind } = journey;
  const nowMs = Date.now();
  const number = journey.otp.number + 1;
  const { max, per } = journey.policy.smsPerPhone;
  const allowance = { proof: journey.proof, max, endsAtMs: after(nowMs, per) };
  const prepared = await citizen.attemptLocallyOrReject((activities) =>
    activities.prepareOtp({ journeyId, citizenId: citizen.id, kind, number, nowMs, allowance }),
  );
  if (prepared.kind === 'sms-limit-reached') {
    citizen.blockSms(journey.proof, prepared.retryAtMs);
    return { kind: 'too-many', retryAtMs: prepared.retryAtMs };
  }
  if (journey.otpEntry.value || journey.isFinished) {
    // The SMS code before was entered meanwhile, or the journey is finished: this one is not needed.
    abandonOtp(citizen, journey, number, 'not-needed');
    journey.assertStep('otp');
  }
  journey.replaceOtp(number, prepared.fingerprint, nowMs);
  citizen.setDetails();
  citizen.inBackground(sendCurrentOtp(citizen, journey));
  return { kind: 'sending', journey: journey.view() };
}
