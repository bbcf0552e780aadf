import { type ApplicationFailure, allHandlersFinished, condition } from '@temporalio/workflow';
import type { NoticeOrder, ReminderOrder } from '../activities/notices.ts';
import type { JourneyOutcome, Notice } from '../domain/journeys.ts';
import { type ActivationCodeState, isBlocked, issueCode, revokeCode } from './activation-code.ts';
import { type Journey, workflowError } from './journey.ts';
import {
  type CitizenStatus,
  type CitizenStatusView,
  type CodeIssue,
  type JourneyPolicy,
  type JourneyView,
  type Message,
  workflowErrors,
} from './messages.ts';
import { otpBlockedUntilMs } from './otp-counts.ts';
import { localThenDurable, runOnce } from './proxies.ts';
import type { CitizenSnapshot, IssuedCode, OtpCounts, PasswordClock, Proof } from './snapshot.ts';
import { Visibility } from './visibility.ts';

/** A repetition of a message comes within a day, and hardly anybody gets more codes in one. */
const codesRemembered = 5;

/**
 * A citizen in the memory of a workflow: what the snapshot holds, the journey under way, and the order in which things
 * happen. The rules are in the files of the messages and journeys; this one keeps them from running into each other.
 */
export class Citizen {
  readonly id: string;
  code: ActivationCodeState | undefined;
  password: PasswordClock | undefined;
  otpCounts: Readonly<Record<Proof, OtpCounts>>;
  suspended: boolean;
  /** Something is over: the workflow continues as new as soon as all is quiet. */
  continueAsNewRequested = false;
  /** The first act came to nothing: there is nobody to keep a workflow for. */
  isEnding = false;
  /** Unsubscribed: the workflow ends, unless a new act comes first. */
  isUnsubscribed = false;

  private smsBlockedUntilMs: Readonly<Partial<Record<Proof, number>>>;
  /** At most one begun with the code and one with the password is open. */
  private journeys: readonly Journey[] = [];
  private codesIssued: readonly IssuedCode[];
  private readonly operators: Visibility;
  private isBusy = false;
  private openWork = 0;
  private defect: unknown;

  constructor(snapshot: CitizenSnapshot) {
    this.id = snapshot.citizenId;
    this.suspended = snapshot.suspended ?? false;
    this.code = snapshot.code;
    this.codesIssued = snapshot.codesIssued;
    this.password = snapshot.password;
    this.otpCounts = snapshot.otpCounts;
    this.smsBlockedUntilMs = snapshot.smsBlockedUntilMs;
    this.operators = new Visibility(this);
  }

  snapshot(): CitizenSnapshot {
    const { id, code, codesIssued, password, otpCounts, smsBlockedUntilMs, suspended } = this;
    return {
      version: 1,
      citizenId: id,
      codesIssued,
      otpCounts,
      smsBlockedUntilMs,
      ...(code && { code }),
      ...(password && { password }),
      ...(suspended && { suspended }),
    };
  }
  get status(): CitizenStatus | undefined {
    if (this.isUnsubscribed) return 'unsubscribed';
    if (!this.code) return undefined;
    if (this.suspended) return 'suspended';
    if (!this.password) return 'registered';
    return this.password.expired ? 'expired' : 'active';
  }

  /** What officers are told; null before the first act is applied. */
  statusView(): CitizenStatusView | null {
    if (!this.status) return null;
    const isCodeBlocked = this.suspended || (this.code && isBlocked(this.code));
    const isPasswordBlocked = this.password && (this.suspended || this.password.blocked);
    return {
      status: this.status,
      blocked: [
        ...(isCodeBlocked ? ['code' as const] : []),
        ...(isPasswordBlocked ? ['password' as const] : []),
      ],
      ...(this.password && {
        passwordExpiresAtMs: this.password.expiresAtMs,
        passwordId: this.password.id,
      }),
      codeIds: this.codesIssued.map(({ codeId }) => codeId),
    };
  }

  /** When a code was issued, if it was: the message that brought it may come again, long after the code is void. */
  issuedAtMs(codeId: string): number | undefined {
    return this.codesIssued.find((issue) => issue.codeId === codeId)?.atMs;
  }

  /** A new code in force, the old one void. */
  issue(code: CodeIssue, atMs: number): void {
    this.code = issueCode(code, atMs);
    this.codesIssued = [{ codeId: code.codeId, atMs }, ...this.codesIssued].slice(0, codesRemembered);
  }

  /** The journey of that id, open or just over. @throws ApplicationFailure NoSuchJourney */
  journeyOf(journeyId: string): Journey {
    const journey = this.journeys.find(({ id }) => id === journeyId);
    if (!journey) throw workflowError(workflowErrors.noSuchJourney);
    return journey;
  }

  viewOf(journeyId: string): JourneyView | null {
    return this.journeys.find(({ id }) => id === journeyId)?.view() ?? null;
  }

  /** The journey under way; of two, the one begun with the code. */
  get openJourney(): Journey | undefined {
    const open = this.journeys.filter(({ hasEnded: isOver }) => !isOver);
    return open.find(({ proof }) => proof === 'code') ?? open[0];
  }

  /** Ends those that the new one supersedes: one begun with the activation code only by another such. */
  addJourney(journey: Journey): void {
    for (const other of this.journeys)
      if (journey.proof === 'code' || other.proof === 'password') other.finish('superseded');
    this.journeys = [...this.journeys.filter(({ hasEnded: isOver }) => !isOver), journey];
  }

  endJourneys(outcome: JourneyOutcome): void {
    for (const journey of this.journeys) journey.finish(outcome);
  }

  unsubscribe(): void {
    this.endJourneys('superseded');
    this.code = undefined;
    this.password = undefined;
    this.isUnsubscribed = true;
  }

  /** From when on (ms) there may be another text to journeys begun so, if not now. */
  smsBlockedUntil(proof: Proof, policy: JourneyPolicy): number | undefined {
    const nowMs = Date.now();
    const untilMs = otpBlockedUntilMs(this.otpCounts[proof], policy, nowMs) ?? this.smsBlockedUntilMs[proof];
    return untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  }

  blockSms(proof: Proof, untilMs: number): void {
    this.smsBlockedUntilMs = { ...this.smsBlockedUntilMs, [proof]: untilMs };
  }

  /**
   * Told by whoever counted the sign-ins; perhaps more than once, perhaps of a password that has been replaced or of a
   * block that an act has lifted since: PostgreSQL, which decides about blocks, is asked whether it stands.
   */
  onPasswordBlocked(passwordId: string): Promise<void> {
    return this.runExclusive(undefined, async () => {
      if (this.password?.id !== passwordId || this.password.blocked) return;
      if (!(await this.write((write) => write.isPasswordBlocked(passwordId)))) return;
      this.password = { ...this.password, blocked: true };
      // Once for each block: between two of one password there is a registration act, and with it a new code.
      this.notify('password-blocked', `${passwordId}/${this.code?.codeId}`);
      this.updateVisibility();
      this.continueAsNewRequested = true;
    });
  }

  /** Told by whoever has compared PostgreSQL with this workflow: of a code that has been replaced since, it is no news. */
  onCodeRevoked(codeId: string): Promise<void> {
    return this.runExclusive(undefined, async () => {
      if (this.code?.codeId !== codeId || isBlocked(this.code)) return;
      this.endJourneys('superseded');
      this.code = revokeCode(this.code);
      this.updateVisibility();
      this.continueAsNewRequested = true;
    });
  }

  /** A registration act: an officer has seen the citizen, so counts and suspension start anew. */
  resetCounters({
    otpCounts: otps,
    smsBlockedUntilMs: textsUsedUpUntilMs,
  }: Pick<CitizenSnapshot, 'otpCounts' | 'smsBlockedUntilMs'>): void {
    this.otpCounts = otps;
    this.smsBlockedUntilMs = textsUsedUpUntilMs;
    this.suspended = false;
    this.isUnsubscribed = false;
    if (this.password) this.password = { ...this.password, blocked: false };
  }

  /** Brings the search attributes and the details up to date. */
  updateVisibility(): void {
    this.operators.upsertAttributes();
  }

  /** The details alone: they are not history, so that a run may begin with them. */
  setDetails(): void {
    this.operators.setDetails();
  }

  /** A text that tells the citizen what has happened. `cause` (a journey, an act) keys it: told once. */
  notify(notice: Notice, cause: string, formerPhoneOfAct?: string): void {
    const order = { noticeId: `${cause}/${notice}`, citizenId: this.id, notice };
    this.enqueueNotice(formerPhoneOfAct ? { ...order, formerPhoneOfAct } : order);
  }

  remind(passwordId: string, days: number): void {
    this.enqueueNotice({ noticeId: `${passwordId}/reminder-${days}`, citizenId: this.id, passwordId, days });
  }

  private enqueueNotice(order: NoticeOrder | ReminderOrder): void {
    this.inBackground(this.write((write) => write.startNotice(order)));
  }

  /** Runs beside the handlers. The chapter does not end while it does; if it throws, that is a defect of ours. */
  inBackground(work: Promise<unknown>): void {
    this.openWork += 1;
    work
      .catch((error: unknown) => {
        this.defect ??= error;
      })
      .finally(() => {
        this.openWork -= 1;
      });
  }

  /**
   * One at a time: whatever opens, replaces or completes. Who cannot have the turn in time gets nothing done.
   * @throws ApplicationFailure TooLate
   */
  async runExclusive<Result>(message: Message | undefined, work: () => Promise<Result>): Promise<Result> {
    // Several may be let through by one change, so each looks again.
    while (this.isBusy && !(message && isLate(message))) {
      const isFree = () => !this.isBusy;
      if (message) await condition(isFree, Math.max(1, message.answerByMs - Date.now() + 1));
      else await condition(isFree);
    }
    if (message && isLate(message)) throw this.turnedAway(workflowErrors.tooLate);
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }

  /** Writes what opens something. @throws ApplicationFailure Unavailable: then it has not happened */
  async writeOnce<Result>(work: Parameters<typeof runOnce<Result>>[0]): Promise<Result> {
    try {
      return await runOnce(work);
    } catch {
      throw this.turnedAway(workflowErrors.unavailable);
    }
  }

  write<Result>(work: Parameters<typeof localThenDurable<Result>>[0]): Promise<Result> {
    return localThenDurable(work);
  }

  /** Until the chapter is over and nothing is open: no snapshot holds a story, an SMS under way or a handler. */
  async untilDrained(isTooLong: () => boolean): Promise<void> {
    await condition(() => this.continueAsNewRequested || isTooLong() || this.defect !== undefined);
    const isQuiet = () => this.openWork === 0 && !this.openJourney && allHandlersFinished();
    // What is being saved stands, however long the chapter: see `endAtDeadline`.
    const isInTheWay = () =>
      isTooLong() && this.journeys.some((journey) => !journey.hasEnded && !journey.isSaving);
    while (!isQuiet() && this.defect === undefined) {
      if (isInTheWay())
        for (const journey of this.journeys) if (!journey.isSaving) journey.finish('timed-out');
      await condition(() => isQuiet() || this.defect !== undefined || isInTheWay());
    }
    // Thrown from the main function, a defect fails the task and shows in the UI until code mends it: nothing is lost.
    if (this.defect !== undefined) throw this.defect;
  }

  /**
   * Nothing was done for a message that Temporal has accepted. Within one run it would answer a repetition with the
   * same refusal, unasked: so the run ends, and the next one takes the message as new.
   */
  private turnedAway(type: string): ApplicationFailure {
    this.isEnding = !this.code;
    this.continueAsNewRequested = true;
    return workflowError(type);
  }
}

const isLate = ({ answerByMs }: Message): boolean => Date.now() > answerByMs;

/** @throws ApplicationFailure TooLate, so that a request that got 503 has no effect later */
export function assertInTime(message: Message): void {
  if (isLate(message)) throw workflowError(workflowErrors.tooLate);
}
