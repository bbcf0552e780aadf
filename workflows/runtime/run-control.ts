import { allHandlersFinished, condition } from '@temporalio/workflow';
import { Mutex } from './mutex.ts';

/** What the run control asks the workflow when the run is to end. */
export interface OpenWork {
  /** The history has grown so long that the run must end even if work is open. */
  isTooLong(): boolean;
  /** Something is open that a snapshot cannot hold. */
  hasOpenItems(): boolean;
  /** Something is open that may be aborted. */
  canAbort(): boolean;
  abort(): void;
}

/**
 * The run of a long-lived workflow, from a snapshot to the next: its lock, its background work and its end by
 * continue-as-new. It knows nothing about the workflow's subject.
 */
export class RunControl extends Mutex {
  private hasEndRequest = false;
  private pendingWork = 0;
  private defect: unknown;

  /** The run continues as new once it is idle. */
  requestContinueAsNew(): void {
    this.hasEndRequest = true;
  }

  /** Starts work that no handler waits for. The run does not end before it; an error in it is a defect of the code. */
  inBackground(work: Promise<unknown>): void {
    this.pendingWork += 1;
    work
      .catch((error: unknown) => {
        this.defect ??= error;
      })
      .finally(() => {
        this.pendingWork -= 1;
      });
  }

  /** Waits until no background work and no open item is left, or `isOver`. @throws as `untilIdle` */
  async untilNothingOpen(hasOpenItems: () => boolean, isOver: () => boolean): Promise<void> {
    const isDone = () => isOver() || (this.pendingWork === 0 && !hasOpenItems());
    await condition(() => isDone() || this.defect !== undefined);
    if (this.defect !== undefined) throw this.defect;
  }

  /**
   * Waits until continue-as-new is requested and no handler, background work or open item is left.
   * @throws the first error of any background work: thrown from the main function it fails the workflow task, which shows
   * in the UI and is retried until the code is mended, so that nothing is lost
   */
  async untilIdle({ isTooLong, hasOpenItems, canAbort, abort }: OpenWork): Promise<void> {
    await condition(() => this.hasEndRequest || isTooLong() || this.defect !== undefined);
    const isIdle = () => this.pendingWork === 0 && !hasOpenItems() && allHandlersFinished();
    const mustAbort = () => isTooLong() && canAbort();
    while (!isIdle() && this.defect === undefined) {
      if (mustAbort()) abort();
      await condition(() => isIdle() || this.defect !== undefined || mustAbort());
    }
    if (this.defect !== undefined) throw this.defect;
  }
}
