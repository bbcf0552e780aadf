const keptMs = 1_000;

/**
 * Whether a dependency answers, at most a second old. Callers at the same time share one probe: whoever asks without end
 * costs a query a second. `now`: ms of a clock that only goes forward.
 */
export function shareProbe(
  probe: () => Promise<unknown>,
  now: () => number = () => performance.now(),
): () => Promise<boolean> {
  let current: Promise<boolean> | undefined;
  let endsAtMs = Number.POSITIVE_INFINITY;
  return () => {
    if (!current || now() >= endsAtMs) {
      endsAtMs = Number.POSITIVE_INFINITY;
      const keep = (isUp: boolean) => {
        endsAtMs = now() + keptMs;
        return isUp;
      };
      current = probe().then(
        () => keep(true),
        () => keep(false),
      );
    }
    return current;
  };
}
