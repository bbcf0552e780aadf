import type { Reply } from './route.ts';

/** The reply of a stage that ends the pipeline: no later stage runs. */
export interface Ended {
  readonly reply: Reply;
}

/** One stage: takes what the stage before has established, and passes on more of it, or ends the pipeline. */
export type Stage<Input extends object, Output extends object> = (
  input: Input,
) => Output | Ended | Promise<Output | Ended>;

/**
 * Runs stages in order until one ends. The types hold the order where a stage needs what another establishes; the last
 * stage always ends.
 */
export function pipeline<
  A extends object,
  B extends object,
  C extends object,
  D extends object,
  E extends object,
  F extends object,
>(
  ...stages: [Stage<A, B>, Stage<B, C>, Stage<C, D>, Stage<D, E>, Stage<E, F>, Stage<F, Ended>]
): (input: A) => Promise<Reply> {
  return async (input) => {
    let state: object = input;
    for (const stage of stages as readonly Stage<never, object>[]) {
      const output = await stage(state as never);
      if ('reply' in output) return output.reply as Reply;
      state = output;
    }
    throw new Error('the last stage of the pipeline did not end');
  };
}
