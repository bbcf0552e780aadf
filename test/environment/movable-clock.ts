import type { Clock } from '../../domain/clock.ts';

/** The API's clock, as far ahead of the real one as a test puts it. */
export class MovableClock implements Clock {
  private aheadMs = 0;

  now(): number {
    return Date.now() + this.aheadMs;
  }

  pass(ms: number): void {
    this.aheadMs += ms;
  }

  /** Back to the real time. */
  reset(): void {
    this.aheadMs = 0;
  }
}
