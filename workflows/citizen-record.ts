import { type ApplicationFailure, allHandlersFinished, condition } from '@temporalio/workflow';
import type { NoticeOrder, ReminderOrder } from '../activities/notices.ts';
import type { JourneyOutcome, Notice } from '../domain/journeys.ts';
import { type ActivationCodeState, isBlocked, issued, voided } from './activation-code.ts';
import {
  type CitizenStatus,
  type CodeIssue,
  type JourneyView,
  type Message,
  refusals,
  type Standing,
  type VisitPolicy,
} from './messages.ts';
import { OperatorsView } from './operators-view.ts';
import { usedUpUntilMs } from './otp-counts.ts';
import { atOnce, inTheEnd } from './proxies.ts';
import type { BegunWith, CitizenSnapshot, CodeIssued, OtpCounts, PasswordClock } from './snapshot.ts';
import { refusal, type Visit } from './visit.ts';

/** A repetition of a message comes within a day, and hardly anybody gets more codes in one. */
const codesRemembered = 5;

/**
 * A citizen in the memory of a workflow: what the snapshot holds, the visit under way, and the order in which things
 * happen. The rules are in the files of the messages and journeys; this one keeps them from running into each other.
 */
export class Citizen {
  readonly id: string;
  code: ActivationCodeState | undefined;
  password: PasswordClock | undefined;
  otps: Readonly<Record<BegunWith, OtpCounts>>;
  suspended: boolean;
  /** Something is over: the workflow continues as new as soon as all is quiet. */
  chapterIsOver = false;
  /** The first act came to nothing: there is nobody to keep a workflow for. */
  isLeaving = false;
  /** Unsubscribed: the workflow ends, unless a new act comes first. */
  hasLeft = false;

  private textsUsedUpUntilMs: Readonly<Partial<Record<BegunWith, number>>>;
  /** At most one begun with the code and one with the password is open. */
  private visits: readonly Visit[] = [];
  private codesIssued: readonly CodeIssued[];
  private readonly operators: OperatorsView;
  private isBusy = false;
  private openWork = 0;
  private defect: unknown;

  constructor(snapshot: CitizenSnapshot) {
    const { citizenId, code, codesIssued, password, otps, textsUsedUpUntilMs, suspended = false } = snapshot;
    this.id = citizenId;
    this.suspended = suspended;
    this.code = code;
    this.codesIssued = codesIssued;
    this.password = password;
    this.otps = otps;
    this.textsUsedUpUntilMs = textsUsedUpUntilMs;
    this.operators = new OperatorsView(this);
  }

  snapshot(): CitizenSnapshot {
    const { id: citizenId, code, codesIssued, password, otps, textsUsedUpUntilMs, suspended } = this;
    return {
      version: 1,
      citizenId,
      codesIssued,
      otps,
      textsUsedUpUntilMs,
      ...(code && { code }),
      ...(password && { password }),
      ...(suspended && { suspended }),
    };
  }

  get status(): CitizenStatus | undefined {
    if (this.hasLeft) return 'unsubscribed';
    if (!this.code) return undefined;
    if (this.suspended) return 'suspended';
    if (!this.password) return 'registered';
    return this.password.expired ? 'expired' : 'active';
  }

  /** What officers are told; null before the first act is applied. */
  standing(): Standing | null {
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
    this.code = issued(code, atMs);
    this.codesIssued = [{ codeId: code.codeId, atMs }, ...this.codesIssued].slice(0, codesRemembered);
  }

  /** The visit of that id, open or just over. @throws ApplicationFailure NoSuchVisit */
  visitOf(visitId: string): Visit {
    const visit = this.visits.find(({ id }) => id === visitId);
    if (!visit) throw refusal(refusals.noSuchVisit);
    return visit;
  }

  viewOf(visitId: string): JourneyView | null {
    return this.visits.find(({ id }) => id === visitId)?.view() ?? null;
  }

  /** The visit under way; of two, the one begun with the code. */
  get visitUnderWay(): Visit | undefined {
    const open = this.visits.filter(({ isOver }) => !isOver);
    return open.find(({ begunWith }) => begunWith === 'code') ?? open[0];
  }

  /** Ends those that the new one supersedes: one begun with the activation code only by another such. */
  enter(visit: Visit): void {
    for (const other of this.visits)
      if (visit.begunWith === 'code' || other.begunWith === 'password') other.finish('superseded');
    this.visits = [...this.visits.filter(({ isOver }) => !isOver), visit];
  }

  endVisits(outcome: JourneyOutcome): void {
    for (const visit of this.visits) visit.finish(outcome);
  }

  /** Everything that signs in is destroyed. */
  leave(): void {
    this.endVisits('superseded');
    this.code = undefined;
    this.password = undefined;
    this.hasLeft = true;
  }

  /** From when on (ms) there may be another text to visits begun so, if not now. */
  textsWaitUntilMs(begunWith: BegunWith, policy: VisitPolicy): number | undefined {
    const nowMs = Date.now();
    const untilMs = usedUpUntilMs(this.otps[begunWith], policy, nowMs) ?? this.textsUsedUpUntilMs[begunWith];
    return untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  }

  textsAreUsedUp(begunWith: BegunWith, untilMs: number): void {
    this.textsUsedUpUntilMs = { ...this.textsUsedUpUntilMs, [begunWith]: untilMs };
  }

  /**
   * Told by whoever counted the sign-ins; perhaps more than once, perhaps of a password that has been replaced or of a
   * block that an act has lifted since: PostgreSQL, which decides about blocks, is asked whether it stands.
   */
  hearOfBlock(passwordId: string): Promise<void> {
    return this.exclusively(undefined, async () => {
      if (this.password?.id !== passwordId || this.password.blocked) return;
      if (!(await this.record((write) => write.isPasswordBlocked(passwordId)))) return;
      this.password = { ...this.password, blocked: true };
      // Once for each block: between two of one password there is a registration act, and with it a new code.
      this.notify('password-blocked', `${passwordId}/${this.code?.codeId}`);
      this.show();
      this.chapterIsOver = true;
    });
  }

  /** Told by whoever has compared PostgreSQL with this workflow: of a code that has been replaced since, it is no news. */
  hearOfVoidCode(codeId: string): Promise<void> {
    return this.exclusively(undefined, async () => {
      if (this.code?.codeId !== codeId || isBlocked(this.code)) return;
      this.endVisits('superseded');
      this.code = voided(this.code);
      this.show();
      this.chapterIsOver = true;
    });
  }

  /** A registration act: an officer has seen the citizen, so counts and suspension start anew. */
  startAnew({ otps, textsUsedUpUntilMs }: Pick<CitizenSnapshot, 'otps' | 'textsUsedUpUntilMs'>): void {
    this.otps = otps;
    this.textsUsedUpUntilMs = textsUsedUpUntilMs;
    this.suspended = false;
    this.hasLeft = false;
    if (this.password) this.password = { ...this.password, blocked: false };
  }

  /** Brings the search attributes and the details up to date. */
  show(): void {
    this.operators.update();
  }

  /** The details alone: they are not history, so that a run may begin with them. */
  describe(): void {
    this.operators.describe();
  }

  /** A text that tells the citizen what has happened. `cause` (a visit, an act) keys it: told once. */
  notify(notice: Notice, cause: string, formerPhoneOfAct?: string): void {
    const order = { noticeId: `${cause}/${notice}`, citizenId: this.id, notice };
    this.have(formerPhoneOfAct ? { ...order, formerPhoneOfAct } : order);
  }

  remind(passwordId: string, days: number): void {
    this.have({ noticeId: `${passwordId}/reminder-${days}`, citizenId: this.id, passwordId, days });
  }

  private have(order: NoticeOrder | ReminderOrder): void {
    this.inBackground(this.record((write) => write.startNotice(order)));
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
  async exclusively<Result>(message: Message | undefined, work: () => Promise<Result>): Promise<Result> {
    // Several may be let through by one change, so each looks again.
    while (this.isBusy && !(message && isLate(message))) {
      const isFree = () => !this.isBusy;
      if (message) await condition(isFree, Math.max(1, message.answerByMs - Date.now() + 1));
      else await condition(isFree);
    }
    if (message && isLate(message)) throw this.turnedAway(refusals.tooLate);
    this.isBusy = true;
    try {
      return await work();
    } finally {
      this.isBusy = false;
    }
  }

  /** Writes what opens something. @throws ApplicationFailure Unavailable: then it has not happened */
  async open<Result>(work: Parameters<typeof atOnce<Result>>[0]): Promise<Result> {
    try {
      return await atOnce(work);
    } catch {
      throw this.turnedAway(refusals.unavailable);
    }
  }

  /** Writes what has happened, however long PostgreSQL is away. */
  record<Result>(work: Parameters<typeof inTheEnd<Result>>[0]): Promise<Result> {
    return inTheEnd(work);
  }

  /** Until the chapter is over and nothing is open: no snapshot holds a story, an SMS under way or a handler. */
  async untilChapterEnds(isTooLong: () => boolean): Promise<void> {
    await condition(() => this.chapterIsOver || isTooLong() || this.defect !== undefined);
    const isQuiet = () => this.openWork === 0 && !this.visitUnderWay && allHandlersFinished();
    // What is being saved stands, however long the chapter: see `endAtDeadline`.
    const isInTheWay = () => isTooLong() && this.visits.some((visit) => !visit.isOver && !visit.isSaving);
    while (!isQuiet() && this.defect === undefined) {
      if (isInTheWay()) for (const visit of this.visits) if (!visit.isSaving) visit.finish('timed-out');
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
    this.isLeaving = !this.code;
    this.chapterIsOver = true;
    return refusal(type);
  }
}

const isLate = ({ answerByMs }: Message): boolean => Date.now() > answerByMs;

/** @throws ApplicationFailure TooLate, so that a request that got 503 has no effect later */
export function mustBeInTime(message: Message): void {
  if (isLate(message)) throw refusal(refusals.tooLate);
}
