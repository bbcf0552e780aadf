import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/**
 * Failures of workflow tasks that are not tolerated, in words. A task that is lost with its worker times out; a failure
 * means a defect, or code that is not deterministic.
 */
export function* wrongTasks(events: readonly HistoryEvent[]): Generator<string> {
  for (const { workflowTaskFailedEventAttributes: failed } of events) {
    if (!failed) continue;
    const message = failed.failure?.message ?? '';
    const allowed = tolerated.get(Number(failed.cause));
    if (!allowed?.(message, eventBefore(events, Number(failed.scheduledEventId))))
      yield `a workflow task failed: ${failed.cause} ${message}`;
  }
}

/** Whether a task has failed or timed out: then the history must be replayed. */
export const isDisturbed = (events: readonly HistoryEvent[]): boolean =>
  events.some(
    (event) => event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes,
  );

const eventBefore = (events: readonly HistoryEvent[], eventId: number): HistoryEvent | undefined =>
  events.find((event) => Number(event.eventId) === eventId - 1);

/** Whether a failure with this message is tolerated, of a task that was scheduled after this event. */
type Tolerated = (message: string, before: HistoryEvent | undefined) => boolean;

const afterTimeout: Tolerated = (_message, before) => Boolean(before?.workflowTaskTimedOutEventAttributes);

/**
 * Tolerated failures by Temporal's number for the cause. A worker that is stopped for longer than a task may take gets the
 * task again when it continues, while local activities of the first attempt still run. The SDK's core (1.24) does not wait
 * for the first attempt: it delivers the same message to the same cached workflow again, and gets two responses. The core or
 * the server detects that: nothing is written, the workflow is evicted and the task repeated from the history. The outcome
 * of the message is verified with everything else, and replays.ts shows that the history is intact.
 */
const tolerated: ReadonlyMap<number, Tolerated> = new Map<number, Tolerated>([
  // UNHANDLED_COMMAND: a message that arrives while the task ends a run makes Temporal ask for the task once more.
  [1, () => true],
  // NON_DETERMINISTIC_ERROR
  [
    24,
    (message, before) =>
      afterTimeout(message, before) && message.includes('Invalid transition while handling update response'),
  ],
  // BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE
  [30, afterTimeout],
]);
