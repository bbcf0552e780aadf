/** Requests to stop: Ctrl-C, SIGTERM, or the terminal was closed. */
export interface StopRequests {
  /** Fires at the first request. */
  readonly stopSignal: AbortSignal;
  forget(): void;
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Listens for requests to stop. `atSecond` is called at a second Ctrl-C. */
export function stopRequests(atSecond: () => void): StopRequests {
  const controller = new AbortController();
  let firstAtMs = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    // npm and the terminal may each send the same Ctrl-C, and npm's end a SIGTERM: only a later Ctrl-C is a second request.
    if (!controller.signal.aborted) {
      firstAtMs = Date.now();
      controller.abort();
    } else if (signal === 'SIGINT' && Date.now() - firstAtMs > 300) atSecond();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    stopSignal: controller.signal,
    forget: () => {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}
