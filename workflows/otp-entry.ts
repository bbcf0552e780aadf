import { ApplicationFailure, condition } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import { matchesFingerprint } from '../domain/fingerprint.ts';
import { assertInTime, type Citizen } from './citizen-state.ts';
import { type Journey, workflowError } from './journey.ts';
import {
  type JourneyMessage,
  type OtpEntry,
  type OtpOutcome,
  type ResendOutcome,
  workflowErrors,
} from './messages.ts';
import { countRightOtp, countWrongOtp, otpBlockedUntilMs } from './otp-counts.ts';
import { giveUp, sendCode } from './sms-code.ts';

/** An expired or void code is refused and not counted; a citizen who has guessed too often today must wait. */
export function validateOtpEntry(citizen: Citizen, entry: OtpEntry): void {
  assertInTime(entry);
  const journey = citizen.journeyOf(entry.journeyId);
  journey.assertStep('otp');
  const nowMs = Date.now();
  if (journey.isOtpExhausted || nowMs > journey.otp.expiresAtMs)
    throw workflowError(workflowErrors.otpExpired, journey.view());
  const untilMs = otpBlockedUntilMs(citizen.otpCounts[journey.proof], journey.policy, nowMs);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/** An entry of the SMS code: right once, whoever else enters it in the same moment. Counted before anything is awaited. */
export async function enterOtp(citizen: Citizen, entry: OtpEntry): Promise<OtpOutcome> {
  validateOtpEntry(citizen, entry);
  const journey = citizen.journeyOf(entry.journeyId);
  const nowMs = Date.now();
  const counts = citizen.otpCounts[journey.proof];
  const right = matchesFingerprint(journey.otp.fingerprint, entry.entered);
  const now = right ? countRightOtp(counts) : countWrongOtp(counts, journey.policy, nowMs);
  citizen.otpCounts = { ...citizen.otpCounts, [journey.proof]: now };
  if (right) journey.confirmation = entry;
  else journey.countWrongOtp(entry.messageId);
  const { messageId: id, requestId } = entry;
  const stamp = { id, citizenId: citizen.id, journeyId: journey.id, requestId };
  citizen.inBackground(
    citizen.write((write) =>
      right ? write.confirmPhone(stamp, nowMs) : write.recordEvent({ type: 'otp-refused' }, stamp),
    ),
  );
  if (!right) {
    if (journey.isOtpExhausted && !journey.hasEnded) await replaceVoidCode(citizen, journey, entry);
    citizen.setDetails();
    return { kind: 'refused', journey: journey.view() };
  }
  // Where the entry completes the journey, until that is done (docs/adr/0012).
  await condition(() => journey.hasEnded || journey.step !== 'otp');
  citizen.setDetails();
  // Ended by something else in the same moment.
  if (journey.hasEnded && journey.finishedBy !== id)
    throw workflowError(workflowErrors.journeyOver, journey.view());
  return { kind: 'accepted', journey: journey.view() };
}

/**
 * The guesses of one code are used up, and there is a next one: it is sent by itself ([SS-change]). Where that cannot
 * be, the entry was wrong all the same, and the next code can be asked for.
 */
async function replaceVoidCode(citizen: Citizen, journey: Journey, entry: OtpEntry): Promise<void> {
  try {
    await citizen.runExclusive(entry, async () => {
      // Asked for in the same moment.
      if (!journey.isOtpExhausted) return;
      const renewed = await renewCode(citizen, journey);
      if (renewed.kind === 'too-many') journey.finish('too-many-otps', entry.messageId);
    });
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
  }
}

/** Too early, or none left: refused until then. */
export function validateResend(citizen: Citizen, message: JourneyMessage): void {
  assertInTime(message);
  const journey = citizen.journeyOf(message.journeyId);
  journey.assertStep('otp');
  const nowMs = Date.now();
  if (journey.sendsLeft === 0) throw workflowError(workflowErrors.tooMany, journey.deadlineMs);
  if (nowMs < journey.otp.resendAfterMs)
    throw workflowError(workflowErrors.tooMany, journey.otp.resendAfterMs);
  const untilMs = citizen.smsBlockedUntil(journey.proof, journey.policy);
  if (untilMs !== undefined) throw workflowError(workflowErrors.tooMany, untilMs);
}

/** A further code in place of the one before; the guesses already used stay used. */
export async function resendOtp(citizen: Citizen, message: JourneyMessage): Promise<ResendOutcome> {
  validateResend(citizen, message);
  const journey = citizen.journeyOf(message.journeyId);
  const giveBackHold = journey.reserveResend(Date.now());
  try {
    return await citizen.runExclusive(message, () => renewCode(citizen, journey));
  } catch (error) {
    // Nothing was sent: whoever was told to come again shortly may do so.
    giveBackHold();
    throw error;
  }
}

async function renewCode(citizen: Citizen, journey: Journey): Promise<ResendOutcome> {
  journey.assertStep('otp');
  const { id: journeyId, kind } = journey;
  const nowMs = Date.now();
  const number = journey.otp.number + 1;
  const { max, per } = journey.policy.smsPerPhone;
  const allowance = { proof: journey.proof, max, endsAtMs: after(nowMs, per) };
  const prepared = await citizen.writeOnce((write) =>
    write.prepareOtp({ journeyId, citizenId: citizen.id, kind, number, nowMs, allowance }),
  );
  if (prepared.kind === 'sms-limit-reached') {
    citizen.blockSms(journey.proof, prepared.retryAtMs);
    return { kind: 'too-many', retryAtMs: prepared.retryAtMs };
  }
  if (journey.confirmation || journey.hasEnded) {
    // The code before was entered meanwhile, or the journey has ended: this one is for nothing.
    giveUp(citizen, journey, number, 'not-needed');
    journey.assertStep('otp');
  }
  journey.replaceOtp(number, prepared.fingerprint, nowMs);
  citizen.setDetails();
  citizen.inBackground(sendCode(citizen, journey));
  return { kind: 'sending', journey: journey.view() };
}
