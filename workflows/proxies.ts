import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { CitizenActivities } from '../activities/citizen-activities.ts';
import type { SmsActivities } from '../activities/sms-activities.ts';
import type { UpkeepActivities } from '../activities/upkeep.ts';
import { smsTaskQueue } from '../domain/task-queues.ts';

/** One try of at most two seconds: somebody waits for the answer, and a local activity that retries freezes the citizen. */
const localActivities = proxyLocalActivities<CitizenActivities>({
  startToCloseTimeout: '2 seconds',
  scheduleToCloseTimeout: '2 seconds',
  retry: { maximumAttempts: 1 },
});

/**
 * For as long as PostgreSQL is away: what has been decided must come to be written. The pauses stay short, since a
 * citizen may be waiting; so does a try, as one that was on its way to a worker which stops is missed when its time is
 * up, and the second must be done before the API gives the citizen up.
 */
const durableActivities = proxyActivities<CitizenActivities>({
  startToCloseTimeout: '2 seconds',
  retry: { initialInterval: '250 milliseconds', maximumInterval: '10 seconds' },
});

/** A code that could not be handed over for so long is given up, at the latest when it expires. */
export const otpSmsTimeoutMs = 120_000;

/**
 * Three tries, then give up: a citizen is waiting, and asks for another when this one has failed. A try whose worker has
 * died is missed when its time is up, so that is just over what the provider is given (`platform/sms-sender.ts`). A provider
 * that says when to come again is obeyed; if that is beyond our patience, there is no further try.
 */
export const otpSms = proxyActivities<SmsActivities>({
  taskQueue: smsTaskQueue,
  startToCloseTimeout: '7 seconds',
  scheduleToCloseTimeout: otpSmsTimeoutMs,
  retry: { initialInterval: '2 seconds', maximumAttempts: 3 },
  // A citizen waits for it: before any notice that is on the same queue (`worker/notice-starter.ts`).
  priority: { priorityKey: 1 },
});

/** A day of tries: nobody waits for a notice, but it ought to arrive. */
export const noticeSms = proxyActivities<SmsActivities>({
  taskQueue: smsTaskQueue,
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '5 seconds', maximumInterval: '10 minutes' },
});

/** A batch takes milliseconds, so silence means that the worker has died. What is left is due at the next time as well. */
export const upkeepTasks = proxyActivities<UpkeepActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumAttempts: 3 },
});

/** Only what both proxies share is called: plain activities. */
type Calls = Pick<typeof localActivities, keyof CitizenActivities>;

/**
 * Work that opens something: one try, or it has not happened and the caller is told so.
 * @throws ActivityFailure when PostgreSQL did not answer in time
 */
export const runOnce = <Result>(work: (activities: Calls) => Promise<Result>): Promise<Result> =>
  work(localActivities);

/**
 * Work that records what has happened: one quick try, then the same idempotent work as an ordinary activity until it is
 * done (docs/adr/0012).
 */
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
 * Work that completes a journey. An ordinary activity: a local one runs before Temporal knows of the message that asked
 * for it. If the worker dies then, the message is lost or too late when it comes again, and PostgreSQL would have done
 * what the workflow never hears of.
 */
export const durable = <Result>(work: (activities: Calls) => Promise<Result>): Promise<Result> =>
  work(durableActivities as unknown as Calls);
