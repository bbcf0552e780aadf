import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { lengthMs } from '../domain/durations.ts';
import type { Citizen } from './citizen-record.ts';
import { codePatienceMs, textingCode } from './proxies.ts';
import type { Visit } from './visit.ts';

/** Texts the current code of a visit. One that the provider refused, or that could not be given to it, is given back. */
export async function sendCode(citizen: Citizen, visit: Visit): Promise<void> {
  const { id: visitId, kind } = visit;
  const { number, fingerprint, expiresAtMs } = visit.otp;
  const minutes = Math.round(lengthMs(visit.policy.otp.life) / 60_000);
  const about = { citizenId: citizen.id, visitId, kind, number, keyId: fingerprint.keyId, minutes };
  try {
    const sent = await textingCode.sendOtp.executeWithOptions(
      {
        summary: `SMS: code ${number} of ${kind}`,
        scheduleToCloseTimeout: Math.max(1, Math.min(codePatienceMs, expiresAtMs - Date.now())),
      },
      [about],
    );
    if (sent.kind === 'refused') visit.giveBackSend();
  } catch (error) {
    visit.giveBackSend();
    giveUp(citizen, visit, number, lastAnswer(error));
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
export const giveUp = (citizen: Citizen, { id: visitId }: Visit, number: number, failure: string): void =>
  citizen.inBackground(
    citizen.record((write) => write.giveUpText({ visitId, citizenId: citizen.id, number, failure })),
  );
