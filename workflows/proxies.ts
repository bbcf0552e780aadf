import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { CitizenActivities } from '../activities/citizen-activities.ts';
import type { LogoutNoticeActivities } from '../activities/logout-notices.ts';
import type { SmsActivities } from '../activities/sms-activities.ts';
import type { UpkeepActivities } from '../activities/upkeep.ts';
import { smsTaskQueue } from '../domain/task-queues.ts';

/** One attempt of at most two seconds: a caller waits for the answer, and a local activity that retries blocks the workflow. */
const localActivities = proxyLocalActivities<CitizenActivities>({
  startToCloseTimeout: '2 seconds',
  scheduleToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 1 },
});

/**
 * Retried until PostgreSQL is back, since a decision that was made must be written. The pauses are short because a caller
 * may be waiting. The attempt is short because Temporal re-dispatches a dead worker's task after this timeout; the second
 * attempt must still fit into the API's.
 */
const durableActivities = proxyActivities<CitizenActivities>({
  startToCloseTimeout: '2 seconds',
  retry: { initialInterval: '250 milliseconds', maximumInterval: '10 seconds' },
});

/** A code that the provider has not taken within this time (ms) is abandoned; at the latest when it expires. */
export const otpSmsTimeoutMs = 120_000;

/**
 * Three attempts: a citizen is waiting, and asks for another code when this one has failed. The timeout of an attempt is
 * just over the provider's (`platform/sms-sender.ts`), since it is also the time after which a dead worker is noticed. The
 * provider's Retry-After is obeyed, unless it is beyond `otpSmsTimeoutMs`.
 */
export const otpSms = proxyActivities<SmsActivities>({
  taskQueue: smsTaskQueue,
  startToCloseTimeout: '7 seconds',
  scheduleToCloseTimeout: otpSmsTimeoutMs,
  retry: { initialInterval: '2 seconds', maximumAttempts: 3 },
  // Before any notice on the same queue (`worker/notice-starter.ts`), since a citizen waits for the code.
  priority: { priorityKey: 1 },
});

/** Attempts for a day: no caller waits for a notice, but it should arrive. */
export const noticeSms = proxyActivities<SmsActivities>({
  taskQueue: smsTaskQueue,
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '5 seconds', maximumInterval: '10 minutes' },
});

/**
 * Attempts for a day: a relying party whose endpoint is away should learn of the logout when it is back. An attempt lasts
 * longer than the worker waits for the gateway (`worker/logout-notice-sender.ts`).
 */
export const logoutNoticeDelivery = proxyActivities<LogoutNoticeActivities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '2 seconds', maximumInterval: '10 minutes' },
});

/** Retried until PostgreSQL is back: how a notice ended must be written. */
export const logoutNoticeRecords = proxyActivities<LogoutNoticeActivities>({
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** A batch takes milliseconds, so a missing heartbeat means that the worker has died. The next upkeep removes the rest. */
export const upkeepActivities = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
});

/*
 * The three modes in which a citizen's workflow runs activities. What the work is for decides (docs/adr/0012):
 * - `attemptLocally`: work that opens something. One local attempt; if it fails, the work counts as not done, and a repetition
 *   finds what the attempt may have written.
 * - `localThenDurable`: work that records a decision. One local attempt, then an ordinary activity until it succeeds.
 * - `durable`: work that completes a journey. An ordinary activity until it succeeds.
 */

/** What local and ordinary activities have in common. */
type Calls = Pick<typeof localActivities, keyof CitizenActivities>;

/** @throws ActivityFailure if PostgreSQL did not reply in time. Handlers use `CitizenRun.attemptLocallyOrReject`. */
export const attemptLocally = <Result>(work: (activities: Calls) => Promise<Result>): Promise<Result> =>
  work(localActivities);

/** The work is idempotent: the local attempt may have been written although it failed. */
export async function localThenDurable<Result>(
  work: (activities: Calls) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(localActivities);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return durable(work);
  }
}

/**
 * Never local: a local activity runs before Temporal has stored the message that asks for it. If the worker dies in
 * between, PostgreSQL has the effect of a message that the workflow never receives.
 */
export const durable = <Result>(work: (activities: Calls) => Promise<Result>): Promise<Result> =>
  work(durableActivities as unknown as Calls);
