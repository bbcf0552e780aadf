import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { lengthMs } from '../domain/durations.ts';
import type { Citizen } from './citizen-state.ts';
import type { Journey } from './journey.ts';
import { otpSms, otpSmsTimeoutMs } from './proxies.ts';

/** Texts the current code of a journey. One that the provider refused, or that could not be given to it, is given back. */
export async function sendCode(citizen: Citizen, journey: Journey): Promise<void> {
  const { id: journeyId, kind } = journey;
  const { number, fingerprint, expiresAtMs } = journey.otp;
  const minutes = Math.round(lengthMs(journey.policy.otp.life) / 60_000);
  const about = { citizenId: citizen.id, journeyId, kind, number, keyId: fingerprint.keyId, minutes };
  try {
    const sent = await otpSms.sendOtp.executeWithOptions(
      {
        summary: `SMS: code ${number} of ${kind}`,
        scheduleToCloseTimeout: Math.max(1, Math.min(otpSmsTimeoutMs, expiresAtMs - Date.now())),
      },
      [about],
    );
    if (sent.kind === 'refused') journey.releaseSend();
  } catch (error) {
    journey.releaseSend();
    giveUp(citizen, journey, number, lastAnswer(error));
  }
}

/** What the provider answered to the last try, as a code; it may have been PostgreSQL that was away. */
function lastAnswer(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'SmsUnavailable'
    ? cause.message
    : 'provider-unavailable';
}

/** A code that nobody will get: its place in the phone's allowance is given back. */
export const giveUp = (citizen: Citizen, { id: journeyId }: Journey, number: number, failure: string): void =>
  citizen.inBackground(
    citizen.write((write) => write.abandonSms({ journeyId, citizenId: citizen.id, number, failure })),
  );
