import { setTimeout as sleep } from 'node:timers/promises';

/** Monotonic time (ms), and waiting in it. Tests replace it. */
export interface Timer {
  now(): number;
  /** Resolves after so long (ms). */
  wait(ms: number): Promise<void>;
}

export const systemTimer: Timer = { now: () => performance.now(), wait: (ms) => sleep(ms) };

/** A refusal that has been decided: instants of the same monotonic clock, and the policy's `refusalTime`, in ms. */
interface DecidedRefusal {
  readonly readAtMs: number;
  readonly decidedAtMs: number;
  readonly periodMs: number;
}

/**
 * When a uniform refusal leaves (ms): at the first multiple of the period after the request was read that is not past.
 * Between two multiples the time of the work does not show ([ASVS] 6.3.8).
 */
export function refusalLeavesAtMs({ readAtMs, decidedAtMs, periodMs }: DecidedRefusal): number {
  const periods = Math.max(1, Math.ceil((decidedAtMs - readAtMs) / periodMs));
  return readAtMs + periods * periodMs;
}
