import { constants } from 'node:os';

/** Whoever interrupts us ends us by way of `exit`, at which what was started is killed and what was built removed. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
