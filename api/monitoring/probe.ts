/** A result stays valid for so long (ms): further callers of `refresh` cause no probe. */
const cacheTtlMs = 1_000;

/** The probe of one dependency. */
export interface Probe {
  /** The last result; false only after as many failures in a row as the failure threshold. */
  readonly isUp: boolean;
  /** Whether the dependency has ever been up. */
  readonly hasBeenUp: boolean;
  /** Runs the probe, or joins the run in progress. */
  run(): Promise<void>;
  /** Runs the probe unless there is a result within the cache's TTL. */
  refresh(): Promise<void>;
  /** Resolves when no run is in progress. */
  drain(): Promise<void>;
}

/** `check` rejects while the dependency is down. `failureThreshold`: failures in a row after which it counts as down. */
export function createProbe(check: () => Promise<unknown>, failureThreshold = 1): Probe {
  let isUp = false;
  let failures = 0;
  let hasBeenUp = false;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let inProgress: Promise<void> | undefined;
  const checkOnce = async (): Promise<void> => {
    const passed = await check().then(
      () => true,
      () => false,
    );
    failures = passed ? 0 : failures + 1;
    isUp = failures === 0 || (isUp && failures < failureThreshold);
    hasBeenUp ||= isUp;
    checkedAt = performance.now();
    inProgress = undefined;
  };
  const run = (): Promise<void> => {
    inProgress ??= checkOnce();
    return inProgress;
  };
  return {
    get isUp() {
      return isUp;
    },
    get hasBeenUp() {
      return hasBeenUp;
    },
    run,
    async refresh() {
      if (performance.now() - checkedAt > cacheTtlMs) await run();
    },
    async drain() {
      await inProgress;
    },
  };
}
