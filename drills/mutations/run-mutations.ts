import { temporalBinary } from '../../local/servers/temporal/binary.ts';
import { type CheckoutCopy, copyCheckout } from './checkout-copy.ts';
import type { Mutation } from './mutation.ts';
import type { Outcome } from './outcome.ts';
import { runTests } from './run-tests.ts';

/** A mutation and what the tests made of it. */
export interface MutationResult {
  readonly mutation: Mutation;
  readonly outcome: Outcome;
  readonly seconds: number;
}

/** `say` gets a line for each mutation. */
export interface MutationOptions {
  /** Whether the tests first have to pass without a mutation. */
  readonly withBaseline: boolean;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Tests wait for servers half of the time, so that two copies keep two processors busy. */
const copiesAtATime = 2;

/**
 * Puts each mutation into a copy of the project and runs its tests, two at a time. Interrupted, it returns the results until then.
 * @throws Error if the tests fail without a mutation
 */
export async function runMutations(
  mutations: readonly Mutation[],
  { withBaseline, signal, say }: MutationOptions,
): Promise<MutationResult[]> {
  const copies = Array.from({ length: Math.min(copiesAtATime, mutations.length) }, copyCheckout);
  try {
    // The copies have no cache of their own to take them from.
    const [cli, testServer] = await Promise.all([
      temporalBinary('temporal'),
      temporalBinary('temporal-test-server'),
    ]);
    const env = { TEMPORAL_CLI_PATH: cli, TEMPORAL_TEST_SERVER_PATH: testServer };
    const [first] = copies;
    if (withBaseline && first) {
      const files = [...new Set(mutations.flatMap(({ tests }) => tests))];
      say(`${files.length} test files without a mutation …`);
      const outcome = await runTests(first.folder, files, { env, signal });
      if (!signal.aborted && outcome.kind !== 'survived')
        throw new Error(`The tests must pass without a mutation. ${textOf(outcome)}`);
    }
    const results: MutationResult[] = [];
    const waiting = mutations.entries();
    const runIn = async (copy: CheckoutCopy): Promise<void> => {
      for (const [index, mutation] of waiting) {
        if (signal.aborted) return;
        const startedAt = performance.now();
        const outcome = await copy.withMutation(mutation, () =>
          runTests(copy.folder, mutation.tests, { env, signal }),
        );
        // An interrupted run has no outcome.
        if (signal.aborted) return;
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        results[index] = { mutation, outcome, seconds };
        const { promise, name } = mutation;
        say(
          `${index + 1}/${mutations.length} promise ${promise}, ${name}: ${textOf(outcome)} (${seconds} s)`,
        );
      }
    };
    await Promise.all(copies.map(runIn));
    // Without the gaps that interrupted runs leave.
    return results.filter(Boolean);
  } finally {
    for (const copy of copies) copy.remove();
  }
}

/** An outcome as one line. */
function textOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'red':
      return `red, ${outcome.detail}${outcome.message && `, ${outcome.message}`}`;
    case 'survived':
      return 'SURVIVED';
    case 'did-not-run':
      return `DID NOT RUN, ${outcome.detail}`;
  }
}
