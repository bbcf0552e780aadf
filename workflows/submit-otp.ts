import { ApplicationFailure, condition } from '@temporalio/workflow';
import { matchesFingerprint } from '../domain/fingerprint.ts';
import { otpBlockedUntilMs } from '../domain/wrong-otps.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { Journey } from './journey.ts';
import type { OtpEntry, OtpOutcome } from './messages.ts';
import { countRightOtp, countWrongOtp } from './otp-counts.ts';
import { localThenDurable } from './proxies.ts';
import { sendNextOtp } from './resend-otp.ts';
import { assertInTime, workflowError, workflowErrors } from './workflow-errors.ts';

/** An expired or void SMS code is refused and not counted; a citizen who has guessed too often today must wait. */
export function validateSubmitOtp(citizen: CitizenRun, entry: OtpEntry): void {
  assertInTime(entry);
  const journey = citizen.journeyOf(entry.journeyId);
  journey.assertStep('otp');
  // Only the API sends entries, with a code where one is issued.
  if (journey.kind === 'registration' && !entry.code)
    throw workflowError(workflowErrors.wrongStep, journey.view());
  const nowMs = Date.now();
  if (journey.isOtpExhausted || nowMs > journey.otp.expiresAtMs)
    throw workflowError(workflowErrors.otpExpired, journey.view());
  const untilMs = otpBlockedUntilMs(citizen.otpCountsOf(journey.proof), journey.policy.wrongOtps, nowMs);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/** Takes an entry of the SMS code. It is counted before anything is awaited, and the right code is taken once. */
export async function handleSubmitOtp(citizen: CitizenRun, entry: OtpEntry): Promise<OtpOutcome> {
  validateSubmitOtp(citizen, entry);
  const journey = citizen.journeyOf(entry.journeyId);
  const nowMs = Date.now();
  const counts = citizen.otpCountsOf(journey.proof);
  const right = matchesFingerprint(journey.otp.fingerprint, entry.entered);
  citizen.setOtpCounts(
    journey.proof,
    right ? countRightOtp(counts) : countWrongOtp(counts, journey.policy.wrongOtps, nowMs),
  );
  if (right) journey.otpEntry.submit(entry);
  else journey.applyWrongOtp(entry.messageId);
  const { messageId: id, requestId } = entry;
  const stamp = { id, citizenId: citizen.id, journeyId: journey.id, requestId };
  citizen.inBackground(
    localThenDurable((activities) =>
      right ? activities.confirmPhone(stamp, nowMs) : activities.recordEvent({ type: 'otp-refused' }, stamp),
    ),
  );
  if (!right) {
    if (journey.isOtpExhausted && !journey.isFinished) await replaceExhaustedOtp(citizen, journey, entry);
    citizen.setDetails();
    return { kind: 'refused', journey: journey.view() };
  }
  // Where the entry completes the journey, this waits until that is written (docs/adr/0012).
  await condition(() => journey.isFinished || journey.step !== 'otp');
  citizen.setDetails();
  // Another message finished the journey at the same moment.
  if (journey.isFinished && journey.finishedBy !== id)
    throw workflowError(workflowErrors.journeyOver, journey.view());
  return { kind: 'accepted', journey: journey.view() };
}

/**
 * Sends the next SMS code when the guesses of one are used up ([SS-change]). If that fails, the entry was wrong all the same,
 * and the citizen can ask for the next code.
 */
async function replaceExhaustedOtp(citizen: CitizenRun, journey: Journey, entry: OtpEntry): Promise<void> {
  try {
    await citizen.runExclusive(entry, async () => {
      // A resend has replaced it at the same moment.
      if (!journey.isOtpExhausted) return;
      const next = await sendNextOtp(citizen, journey);
      if (next.kind === 'too-many') journey.finish('too-many-otps', entry.messageId);
    });
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
  }
}
