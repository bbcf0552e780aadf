import { condition } from '@temporalio/workflow';

/** The lock was not free before the deadline: nothing was done. */
export class LockTimeout extends Error {}

/** Serialises the handlers of one workflow across their awaits. */
export class Mutex {
  private isLocked = false;

  /**
   * Runs `work` while it holds the lock. A wait with a deadline (ms) costs a timer in the history, but only while the
   * lock is taken. @throws LockTimeout
   */
  async runExclusive<Result>(deadlineMs: number | undefined, work: () => Promise<Result>): Promise<Result> {
    const isTooLate = () => deadlineMs !== undefined && Date.now() > deadlineMs;
    const isFree = () => !this.isLocked;
    // One release wakes every waiter, so each checks the lock again.
    while (this.isLocked && !isTooLate()) {
      if (deadlineMs === undefined) await condition(isFree);
      else await condition(isFree, Math.max(1, deadlineMs - Date.now() + 1));
    }
    if (isTooLate()) throw new LockTimeout();
    this.isLocked = true;
    try {
      return await work();
    } finally {
      this.isLocked = false;
    }
  }
}
