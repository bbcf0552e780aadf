import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { wholeMinutes } from '../domain/durations.ts';
import type { CitizenRun } from './citizen-run.ts';
import type { Journey } from './journey.ts';
import { localThenDurable, otpSms, otpSmsTimeoutMs } from './proxies.ts';

/** Sends the current SMS code of a journey. A code that the provider did not take does not count as sent. */
export async function sendCurrentOtp(citizen: CitizenRun, journey: Journey): Promise<void> {
  const { id: journeyId, kind } = journey;
  const { number, fingerprint, expiresAtMs } = journey.otp;
  const minutes = wholeMinutes(journey.policy.otp.life);
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
    abandonOtp(citizen, journey, number, lastFailure(error));
  }
}

/** What the provider returned to the last attempt; without that, PostgreSQL may have been away. */
function lastFailure(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === 'SmsUnavailable'
    ? cause.message
    : 'provider-unavailable';
}

/** Records that an SMS code will not be sent, and returns its place in the phone's allowance. */
export const abandonOtp = (
  citizen: CitizenRun,
  { id: journeyId }: Journey,
  number: number,
  failure: string,
): void =>
  citizen.inBackground(
    localThenDurable((activities) =>
      activities.abandonSms({ journeyId, citizenId: citizen.id, number, failure }),
    ),
  );
