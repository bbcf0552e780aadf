import { constants } from 'node:os';

/** Turns signals into `process.exit`, so that `exit` handlers kill the started processes and remove the built files. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
