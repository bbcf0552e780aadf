import type { ApplicationFailure } from '@temporalio/workflow';
import type { AnyReminder, NoticeOrder } from '../activities/notices.ts';
import type { Notice } from '../domain/journeys.ts';
import { CitizenState } from './citizen-state.ts';
import type { Message } from './messages.ts';
import { attemptLocally, localThenDurable } from './proxies.ts';
import { LockTimeout } from './runtime/mutex.ts';
import { RunControl } from './runtime/run-control.ts';
import type { CitizenSnapshot } from './snapshot.ts';
import { Visibility } from './visibility.ts';
import { workflowError, workflowErrors } from './workflow-errors.ts';

/** A citizen's state in one run of the workflow: with its lock, its writes and what operators see of it. */
export class CitizenRun extends CitizenState {
  /** The workflow ends without a citizen, since no registration act was applied; it takes no further act. */
  endsUnregistered = false;

  private readonly control = new RunControl();
  private readonly visibility: Visibility;

  constructor(snapshot: CitizenSnapshot) {
    super(snapshot);
    this.visibility = new Visibility(this);
  }

  /**
   * Runs `work` while no other message opens, replaces or completes anything. Without a message it waits for as long as
   * it takes. @throws ApplicationFailure TooLate if the lock is not free in time: then nothing was done
   */
  async runExclusive<Result>(message: Message | undefined, work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.control.runExclusive(message?.answerByMs, work);
    } catch (error) {
      if (error instanceof LockTimeout) throw this.rejectAndEndRun(workflowErrors.tooLate);
      throw error;
    }
  }

  /** Starts work that no handler waits for; the run does not end before it. */
  inBackground(work: Promise<unknown>): void {
    this.control.inBackground(work);
  }

  requestContinueAsNew(): void {
    this.control.requestContinueAsNew();
  }

  /**
   * Waits until the run is to end and nothing is open: no snapshot holds a journey, an SMS under way or a handler. A run
   * that has grown too long aborts the journeys that are not being saved.
   */
  untilIdle(isTooLong: () => boolean): Promise<void> {
    return this.control.untilIdle({
      isTooLong,
      hasOpenItems: () => this.currentJourney !== undefined,
      canAbort: () => this.hasAbortableJourney,
      abort: () => this.abortJourneys(),
    });
  }

  /** Waits, before the first registration act, until no journey is open and no background work is left. */
  untilNothingOpen(isOver: () => boolean): Promise<void> {
    return this.control.untilNothingOpen(() => this.currentJourney !== undefined, isOver);
  }

  get hasOpenJourney(): boolean {
    return this.currentJourney !== undefined;
  }

  /**
   * Makes one local attempt at the work that a message asks for. If it fails, the message is rejected and counts as not
   * having happened. @throws ApplicationFailure Unavailable
   */
  async attemptLocallyOrReject<Result>(work: Parameters<typeof attemptLocally<Result>>[0]): Promise<Result> {
    try {
      return await attemptLocally(work);
    } catch {
      throw this.rejectAndEndRun(workflowErrors.unavailable);
    }
  }

  /** Brings search attributes and details up to date. */
  updateVisibility(): void {
    this.visibility.upsertAttributes();
  }

  /** Brings the details up to date: they are not in the history, so a run may begin with them. */
  setDetails(): void {
    this.visibility.setDetails();
  }

  /** Has the citizen notified by SMS. `cause` (a journey, an act) makes it once. */
  notify(notice: Notice, cause: string, formerPhoneOfAct?: string): void {
    const order = { noticeId: `${cause}/${notice}`, citizenId: this.id, notice };
    this.enqueueNotice(formerPhoneOfAct ? { ...order, formerPhoneOfAct } : order);
  }

  /** Has the citizen reminded by SMS that the identification in person is due again in that many days. */
  remindOfIdentification(identifiedAtMs: number, days: number): void {
    const noticeId = `${this.id}/identification-${identifiedAtMs}`;
    this.enqueueNotice({ noticeId, citizenId: this.id, identifiedAtMs, days });
  }

  /** Has the citizen reminded by SMS that the password expires in that many days. */
  remind(passwordId: string, days: number): void {
    this.enqueueNotice({ noticeId: `${passwordId}/reminder-${days}`, citizenId: this.id, passwordId, days });
  }

  private enqueueNotice(order: NoticeOrder | AnyReminder): void {
    this.inBackground(localThenDurable((activities) => activities.startNotice(order)));
  }

  /**
   * Rejects a message that Temporal has accepted and that did nothing. Within one run Temporal would answer its
   * repetition with the same rejection, so the run ends and the next one takes the message as new.
   */
  private rejectAndEndRun(type: string): ApplicationFailure {
    this.endsUnregistered = !this.registration && !this.currentJourney;
    this.requestContinueAsNew();
    return workflowError(type);
  }
}
