import type { Clock } from '../../domain/clock.ts';

/** A clock for the API that a test sets ahead of the real time. */
export class MovableClock implements Clock {
  private aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }

  advance(ms: number): void {
    this.aheadMs += ms;
  }

  /** Returns to the real time. */
  reset(): void {
    this.aheadMs = 0;
  }
}
