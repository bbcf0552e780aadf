import { AsyncLocalStorage, type Headers, type WorkflowInterceptors } from '@temporalio/workflow';

/** Who asked for what is being done: the message's trace, and whether it has its answer. */
interface Asker {
  readonly trace: Headers[string] | undefined;
  isAnswered: boolean;
}

const header = 'traceparent';

/**
 * Hands a message's trace on to the activities that it brings about, and does nothing else: no command, no clock, and no
 * header where none came. An activity belongs to the message in whose handling it is scheduled, as long as that one waits;
 * what a story does later, to the message that waits now, since that is what made it go on; and if nobody waits any more,
 * to the one with which the story began. A header is no part of what a replay compares.
 */
export function interceptors(): WorkflowInterceptors {
  const asking = new AsyncLocalStorage<Asker>();
  const waiting = new Set<Asker>();

  const withTrace = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    const own = asking.getStore();
    const asker = own && !own.isAnswered ? own : ([...waiting].at(-1) ?? own);
    return asker?.trace ? { ...input, headers: { ...input.headers, [header]: asker.trace } } : input;
  };

  return {
    inbound: [
      {
        execute: (input, next) =>
          asking.run({ trace: input.headers[header], isAnswered: true }, () => next(input)),
        handleUpdate(input, next) {
          const asker: Asker = { trace: input.headers[header], isAnswered: false };
          waiting.add(asker);
          const answered = () => {
            asker.isAnswered = true;
            waiting.delete(asker);
          };
          const answer = asking.run(asker, () => next(input));
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
