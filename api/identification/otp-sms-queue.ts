import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { wholeMinutes } from '../../domain/durations.ts';
import type { Policy } from '../../domain/policy.ts';
import type { Database } from '../../platform/database.ts';
import { smsMessage } from '../../platform/locales.ts';
import type { Logger } from '../../platform/log.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import type { KeyRing } from '../../platform/secrets.ts';
import { type SmsSender, SmsUnavailable } from '../../platform/sms-sender.ts';
import { failSms, isOtpStale, type OutgoingSms, submitSms } from '../../records/sms.ts';
import type { IdentificationRow } from './identification-rows.ts';

/** Sends the SMS codes of identifications from this process, after their rows are committed. */
export interface OtpSmsQueue {
  /** Returns at once: no reply waits for the provider. */
  send(row: IdentificationRow): void;
  /** Resolves when nothing is under way any more: within the patience of an SMS. */
  drain(): Promise<void>;
}

/** A citizen waits for the code: after so long it is reported as failed, and another can be asked for. Ours. */
const patienceMs = 10_000;
const maxAttempts = 3;
const pauseMs = 500;
/** For one response of the provider: three that do not come, with the pauses, take the whole patience. */
export const otpSmsTimeoutMs = 3_000;
/** Calls to the provider at a time, and codes that may wait for one; further ones are reported as failed at once. */
const concurrency = 16;
const maxQueued = 1_000;

/**
 * Three attempts with the same words; the provider's Retry-After is obeyed. What is not sent within the patience is written
 * as failed, and returned to the allowance and to the identification. If the process dies, upkeep writes it.
 */
export function createOtpSmsQueue(dependencies: {
  db: Database;
  ring: KeyRing;
  sms: SmsSender;
  policy: Policy;
  log: Logger;
}): OtpSmsQueue {
  const limit = pLimit(concurrency);
  const underWay = new Set<Promise<void>>();
  const { db, log } = dependencies;
  const deliver = async (outgoing: OutgoingSms, deadline: number): Promise<void> => {
    const failure = await trySending(dependencies, outgoing, deadline);
    if (failure) await failSms(db, outgoing, failure);
  };
  return {
    send(row) {
      const outgoing = outgoingSms(row, dependencies);
      const deadline = performance.now() + patienceMs;
      const work =
        limit.pendingCount >= maxQueued
          ? failSms(db, outgoing, 'queue-full')
          : limit(() => deliver(outgoing, deadline));
      // PostgreSQL is away as well: upkeep closes the row.
      const settled = work.then(
        () => {},
        () => log.warn({ journeyId: row.id }, 'the result of an SMS code could not be written'),
      );
      underWay.add(settled);
      void settled.finally(() => underWay.delete(settled));
    },
    drain: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** The failure with which the last attempt ended, or undefined if the result is written. */
async function trySending(
  dependencies: Parameters<typeof submitSms>[0],
  outgoing: OutgoingSms,
  deadline: number,
): Promise<string | undefined> {
  // It has waited in the queue for as long as a citizen does: never sent late.
  if (performance.now() > deadline) return 'queue-timeout';
  for (let attempt = 1; ; attempt += 1) {
    try {
      await submitSms(dependencies, outgoing);
      return undefined;
    } catch (error) {
      const { failure, retryAfterMs = pauseMs } =
        error instanceof SmsUnavailable ? error : { failure: 'provider-unavailable' };
      if (attempt >= maxAttempts || performance.now() + retryAfterMs > deadline) return failure;
      await sleep(retryAfterMs);
    }
  }
}

function outgoingSms(
  { id: journeyId, citizenId, kind, otpNumber: number, otpKeyId }: IdentificationRow,
  { db, ring, policy }: { db: Database; ring: KeyRing; policy: Policy },
): OutgoingSms {
  const code = otpDigits(ring, { journeyId, kind, number }, otpKeyId ?? ring.currentKeyId);
  const minutes = wholeMinutes(policy.otp.life);
  return {
    smsId: `${journeyId}/${number}`,
    citizenId,
    journeyId,
    isUrgent: true,
    isStale: () => isOtpStale(db, journeyId, number),
    words: (language, party) =>
      party === null
        ? smsMessage(`otp.${kind}`, language, { code, minutes })
        : smsMessage('otp.relying-party', language, { code, minutes, party }),
    sent: { type: 'otp-sent', number },
    notSent: (failure) => ({ type: 'otp-not-sent', number, failure }),
  };
}
