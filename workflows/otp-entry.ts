import { ApplicationFailure, condition } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import { matchesFingerprint } from '../domain/fingerprint.ts';
import { type Citizen, mustBeInTime } from './citizen-record.ts';
import {
  type OtpEntry,
  type OtpOutcome,
  type ResendOutcome,
  refusals,
  type VisitMessage,
} from './messages.ts';
import { afterRight, afterWrong, usedUpUntilMs } from './otp-counts.ts';
import { giveUp, sendCode } from './sms-code.ts';
import { refusal, type Visit } from './visit.ts';

/** An expired or void code is refused and not counted; a citizen who has guessed too often today must wait. */
export function mayEnterOtp(citizen: Citizen, entry: OtpEntry): void {
  mustBeInTime(entry);
  const visit = citizen.visitOf(entry.visitId);
  visit.mustBeAt('otp');
  const nowMs = Date.now();
  if (visit.isCodeVoid || nowMs > visit.otp.expiresAtMs) throw refusal(refusals.otpExpired, visit.view());
  const untilMs = usedUpUntilMs(citizen.otps[visit.begunWith], visit.policy, nowMs);
  if (untilMs !== undefined) throw refusal(refusals.tooMany, untilMs);
}

/** An entry of the SMS code: right once, whoever else enters it in the same moment. Counted before anything is awaited. */
export async function enterOtp(citizen: Citizen, entry: OtpEntry): Promise<OtpOutcome> {
  mayEnterOtp(citizen, entry);
  const visit = citizen.visitOf(entry.visitId);
  const nowMs = Date.now();
  const counts = citizen.otps[visit.begunWith];
  const right = matchesFingerprint(visit.otp.fingerprint, entry.entered);
  const now = right ? afterRight(counts) : afterWrong(counts, visit.policy, nowMs);
  citizen.otps = { ...citizen.otps, [visit.begunWith]: now };
  if (right) visit.confirmation = entry;
  else visit.countWrongOtp(entry.messageId);
  const { messageId: id, requestId } = entry;
  const stamp = { id, citizenId: citizen.id, journeyId: visit.id, requestId };
  citizen.inBackground(
    citizen.record((write) =>
      right ? write.confirmPhone(stamp, nowMs) : write.recordEvent({ type: 'otp-refused' }, stamp),
    ),
  );
  if (!right) {
    if (visit.isCodeVoid && !visit.isOver) await replaceVoidCode(citizen, visit, entry);
    citizen.describe();
    return { kind: 'refused', journey: visit.view() };
  }
  // Where the entry completes the journey, until that is done (docs/adr/0012).
  await condition(() => visit.isOver || visit.step !== 'otp');
  citizen.describe();
  // Ended by something else in the same moment.
  if (visit.isOver && visit.finishedBy !== id) throw refusal(refusals.journeyOver, visit.view());
  return { kind: 'accepted', journey: visit.view() };
}

/**
 * The guesses of one code are used up, and there is a next one: it is sent by itself ([SS-change]). Where that cannot
 * be, the entry was wrong all the same, and the next code can be asked for.
 */
async function replaceVoidCode(citizen: Citizen, visit: Visit, entry: OtpEntry): Promise<void> {
  try {
    await citizen.exclusively(entry, async () => {
      // Asked for in the same moment.
      if (!visit.isCodeVoid) return;
      const renewed = await renewCode(citizen, visit);
      if (renewed.kind === 'too-many') visit.finish('too-many-otps', entry.messageId);
    });
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
  }
}

/** Too early, or none left: refused until then. */
export function mayResend(citizen: Citizen, message: VisitMessage): void {
  mustBeInTime(message);
  const visit = citizen.visitOf(message.visitId);
  visit.mustBeAt('otp');
  const nowMs = Date.now();
  if (visit.sendsLeft === 0) throw refusal(refusals.tooMany, visit.deadlineMs);
  if (nowMs < visit.otp.resendAfterMs) throw refusal(refusals.tooMany, visit.otp.resendAfterMs);
  const untilMs = citizen.textsWaitUntilMs(visit.begunWith, visit.policy);
  if (untilMs !== undefined) throw refusal(refusals.tooMany, untilMs);
}

/** A further code in place of the one before; the guesses already used stay used. */
export async function resend(citizen: Citizen, message: VisitMessage): Promise<ResendOutcome> {
  mayResend(citizen, message);
  const visit = citizen.visitOf(message.visitId);
  const giveBackHold = visit.holdResend(Date.now());
  try {
    return await citizen.exclusively(message, () => renewCode(citizen, visit));
  } catch (error) {
    // Nothing was sent: whoever was told to come again shortly may do so.
    giveBackHold();
    throw error;
  }
}

async function renewCode(citizen: Citizen, visit: Visit): Promise<ResendOutcome> {
  visit.mustBeAt('otp');
  const { id: visitId, kind } = visit;
  const nowMs = Date.now();
  const number = visit.otp.number + 1;
  const { tries, per } = visit.policy.textsPerPhone;
  const allowance = { begunWith: visit.begunWith, tries, endsAtMs: after(nowMs, per) };
  const prepared = await citizen.open((write) =>
    write.prepareOtp({ visitId, citizenId: citizen.id, kind, number, nowMs, allowance }),
  );
  if (prepared.kind === 'texts-used-up') {
    citizen.textsAreUsedUp(visit.begunWith, prepared.retryAtMs);
    return { kind: 'too-many', retryAtMs: prepared.retryAtMs };
  }
  if (visit.confirmation || visit.isOver) {
    // The code before was entered meanwhile, or the visit has ended: this one is for nothing.
    giveUp(citizen, visit, number, 'not-needed');
    visit.mustBeAt('otp');
  }
  visit.renewOtp(number, prepared.fingerprint, nowMs);
  citizen.describe();
  citizen.inBackground(sendCode(citizen, visit));
  return { kind: 'sending', journey: visit.view() };
}
