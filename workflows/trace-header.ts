import { currentUpdateInfo, type Headers, type WorkflowInterceptors } from '@temporalio/workflow';

const header = 'traceparent';

/** Stands beside the ids of messages, for what the start of the workflow brings about. */
const start = '';

/**
 * Hands a message's trace on to the activities that it brings about, and does nothing else: no command, no clock, and no
 * header where none came. An activity belongs to the message in whose handling it is scheduled, as long as that one waits;
 * what a story does later, to the message that waits now, since that is what made it go on; and if nobody waits any more,
 * to the one with which the story began. A header is no part of what a replay compares.
 *
 * Whose handling it is, the SDK knows. An AsyncLocalStorage of our own would leave a property for every workflow on the
 * thread's MessagePort, for good, and every stack trace would look through all of them (docs/performance.md).
 */
export function interceptors(): WorkflowInterceptors {
  const traces = new Map<string, NonNullable<Headers[string]>>();
  const waiting = new Set<string>();

  const keep = (asker: string, trace: Headers[string] | undefined): void => {
    if (trace) traces.set(asker, trace);
  };

  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    const own = currentUpdateInfo()?.id ?? start;
    const asker = waiting.has(own) ? own : ([...waiting].at(-1) ?? own);
    const trace = traces.get(asker);
    return trace ? { ...input, headers: { ...input.headers, [header]: trace } } : input;
  };

  return {
    inbound: [
      {
        execute(input, next) {
          keep(start, input.headers[header]);
          return next(input);
        },
        handleUpdate(input, next) {
          const { updateId } = input;
          keep(updateId, input.headers[header]);
          waiting.add(updateId);
          const answered = () => void waiting.delete(updateId);
          const answer = next(input);
          // Beside the answer, not before it: nothing may come a moment later than without.
          answer.then(answered, answered);
          return answer;
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
