import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { lengthMs } from '../domain/durations.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { Journey } from './journey.ts';
import { otpSms, otpSmsTimeoutMs } from './proxies.ts';

/** Sends the current code of a journey by SMS. A code that the provider did not take does not count as sent. */
export async function sendCode(citizen: CitizenRun, journey: Journey): Promise<void> {
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
    abandonCode(citizen, journey, number, lastAnswer(error));
  }
}

/** The code of the provider's answer to the last try; without one, PostgreSQL may have been away. */
function lastAnswer(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'SmsUnavailable'
    ? cause.message
    : 'provider-unavailable';
}

/** Records that a code will not be sent, and returns its place in the phone's allowance. */
export const abandonCode = (
  citizen: CitizenRun,
  { id: journeyId }: Journey,
  number: number,
  failure: string,
): void =>
  citizen.inBackground(
    citizen.write((activities) =>
      activities.abandonSms({ journeyId, citizenId: citizen.id, number, failure }),
    ),
  );
