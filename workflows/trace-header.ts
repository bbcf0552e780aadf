import { currentUpdateInfo, type Headers, type WorkflowInterceptors } from '@temporalio/workflow';

const header = 'traceparent';

/** The key of the start of the workflow, beside the ids of updates. */
const start = '';

/**
 * Passes the trace of an update on to the activities that it causes. It issues no command, reads no clock, and adds no
 * header if none came. The trace of an activity is, in this order: that of the update that schedules it, if the update is
 * still unanswered; that of the latest unanswered update, since that made the journey go on; that of the update that
 * opened the journey. Replays do not compare headers.
 *
 * The SDK knows the current update. An AsyncLocalStorage of our own would add a property to the thread's MessagePort for
 * every workflow and never remove it, which slows down every stack trace (docs/performance.md).
 */
export function interceptors(): WorkflowInterceptors {
  const traces = new Map<string, NonNullable<Headers[string]>>();
  const unanswered = new Set<string>();

  const remember = (updateId: string, trace: Headers[string] | undefined): void => {
    if (trace) traces.set(updateId, trace);
  };

  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    const own = currentUpdateInfo()?.id ?? start;
    const cause = unanswered.has(own) ? own : ([...unanswered].at(-1) ?? own);
    const trace = traces.get(cause);
    return trace ? { ...input, headers: { ...input.headers, [header]: trace } } : input;
  };

  return {
    inbound: [
      {
        execute(input, next) {
          remember(start, input.headers[header]);
          return next(input);
        },
        handleUpdate(input, next) {
          const { updateId } = input;
          remember(updateId, input.headers[header]);
          unanswered.add(updateId);
          const markAnswered = () => void unanswered.delete(updateId);
          const reply = next(input);
          // Not awaited, so that the reply is not delayed by a microtask.
          reply.then(markAnswered, markAnswered);
          return reply;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
      },
    ],
  };
}
