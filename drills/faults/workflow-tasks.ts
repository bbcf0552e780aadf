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

/** Whether a failure with this message, of a task that was asked for after this event, is tolerated. */
type Tolerated = (message: string, before: HistoryEvent | undefined) => boolean;

const afterTimeout: Tolerated = (_message, before) => Boolean(before?.workflowTaskTimedOutEventAttributes);

/**
 * By Temporal's number for the cause. A worker that was stopped for longer than a task may take gets the task once more
 * when it goes on, while local activities of the first are still running. The SDK's core (1.24) then does not wait for the
 * first: it gives the same message to the same cached workflow again, and is answered twice. Either it sees that itself or
 * the server does: nothing is written, the workflow is forgotten and the task done again from the history. What became of
 * the message is checked with everything else, and replays.ts shows that the history is whole.
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
