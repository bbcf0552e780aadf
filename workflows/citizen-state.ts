import type { JourneyOutcome, Proof } from '../domain/journeys.ts';
import { type ActivationCodeState, isBlocked, issueCode } from './activation-code.ts';
import type { Journey } from './journey.ts';
import type { CitizenStatus, CitizenStatusView, CodeIssue, JourneyPolicy, JourneyView } from './messages.ts';
import { otpBlockedUntilMs } from './otp-counts.ts';
import type { CitizenSnapshot, IssuedCode, OtpCounts, PasswordClock } from './snapshot.ts';
import { workflowError, workflowErrors } from './workflow-errors.ts';

/** Ids of codes that are remembered: a message is repeated for a day at most, and hardly any citizen gets more codes in one. */
const codesRemembered = 5;

/**
 * A citizen in the memory of a workflow: what the snapshot holds, and the journeys under way. Decisions only: it waits
 * for nothing, writes nothing and reads no clock.
 */
export class CitizenState {
  readonly id: string;
  code: ActivationCodeState | undefined;
  password: PasswordClock | undefined;
  otpCounts: Readonly<Record<Proof, OtpCounts>>;
  suspended: boolean;
  /** The workflow ends, unless a new registration act comes first. */
  isUnsubscribed = false;

  /** By proof: the phone's allowance of SMS is used up until then. */
  private allowanceUsedUpUntilMs: Readonly<Partial<Record<Proof, number>>>;
  /** At most one journey for each proof is open. */
  private journeys: readonly Journey[] = [];
  private codesIssued: readonly IssuedCode[];

  constructor(snapshot: CitizenSnapshot) {
    this.id = snapshot.citizenId;
    this.suspended = snapshot.suspended ?? false;
    this.code = snapshot.code;
    this.codesIssued = snapshot.codesIssued;
    this.password = snapshot.password;
    this.otpCounts = snapshot.otpCounts;
    this.allowanceUsedUpUntilMs = snapshot.smsBlockedUntilMs;
  }

  snapshot(): CitizenSnapshot {
    const { id, code, codesIssued, password, otpCounts, suspended } = this;
    return {
      version: 1,
      citizenId: id,
      codesIssued,
      otpCounts,
      smsBlockedUntilMs: this.allowanceUsedUpUntilMs,
      ...(code && { code }),
      ...(password && { password }),
      ...(suspended && { suspended }),
    };
  }

  /** Undefined before the first registration act is applied. */
  get status(): CitizenStatus | undefined {
    if (this.isUnsubscribed) return 'unsubscribed';
    if (!this.code) return undefined;
    if (this.suspended) return 'suspended';
    if (!this.password) return 'registered';
    return this.password.expired ? 'expired' : 'active';
  }

  /** The status as officers see it; null before the first registration act is applied. */
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

  /** When this code was issued (ms), or undefined: a message may be repeated long after its code was revoked. */
  issuedAtMs(codeId: string): number | undefined {
    return this.codesIssued.find((issue) => issue.codeId === codeId)?.atMs;
  }

  /** Puts a new code in force; the one before is void. */
  issue(code: CodeIssue, atMs: number): void {
    this.code = issueCode(code, atMs);
    this.codesIssued = [{ codeId: code.codeId, atMs }, ...this.codesIssued].slice(0, codesRemembered);
  }

  /** The journey of that id, open or just finished. @throws ApplicationFailure NoSuchJourney */
  journeyOf(journeyId: string): Journey {
    const journey = this.journeys.find(({ id }) => id === journeyId);
    if (!journey) throw workflowError(workflowErrors.noSuchJourney);
    return journey;
  }

  viewOf(journeyId: string): JourneyView | null {
    return this.journeys.find(({ id }) => id === journeyId)?.view() ?? null;
  }

  /** The open journey; of two, the one opened with the activation code. */
  get currentJourney(): Journey | undefined {
    const open = this.journeys.filter(({ isFinished }) => !isFinished);
    return open.find(({ proof }) => proof === 'code') ?? open[0];
  }

  /**
   * Adds a journey and ends those that it supersedes: one opened with the activation code supersedes every other, one
   * opened with the password only others opened with the password.
   */
  addJourney(journey: Journey): void {
    for (const other of this.journeys)
      if (journey.proof === 'code' || other.proof === 'password') other.finish('superseded');
    this.journeys = [...this.journeys.filter(({ isFinished }) => !isFinished), journey];
  }

  /** Ends every open journey without success. */
  endJourneys(outcome: JourneyOutcome): void {
    for (const journey of this.journeys) journey.finish(outcome);
  }

  /** Whether a journey is open whose last transaction is not running: an abort ends no journey that is being saved. */
  get hasAbortableJourney(): boolean {
    return this.journeys.some(({ isFinished, isSaving }) => !isFinished && !isSaving);
  }

  /** Ends the open journeys so that a run that has grown too long can continue as new. */
  abortJourneys(): void {
    for (const journey of this.journeys) if (!journey.isSaving) journey.finish('timed-out');
  }

  /** Drops what the citizen signs in with, and all journeys: the state of an unsubscribed citizen. */
  dropCredentials(): void {
    this.endJourneys('superseded');
    this.code = undefined;
    this.password = undefined;
    this.isUnsubscribed = true;
  }

  /** Until when (ms) no further SMS code is sent in journeys with this proof; undefined if one may be sent now. */
  smsBlockedUntilMs(proof: Proof, policy: JourneyPolicy, nowMs: number): number | undefined {
    const untilMs =
      otpBlockedUntilMs(this.otpCounts[proof], policy, nowMs) ?? this.allowanceUsedUpUntilMs[proof];
    return untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  }

  /** The phone's allowance is used up until then (ms). */
  blockSms(proof: Proof, untilMs: number): void {
    this.allowanceUsedUpUntilMs = { ...this.allowanceUsedUpUntilMs, [proof]: untilMs };
  }

  /** After a registration act, in which an officer has identified the citizen: counts, blocks and suspension are lifted. */
  resetCounters({
    otpCounts,
    smsBlockedUntilMs,
  }: Pick<CitizenSnapshot, 'otpCounts' | 'smsBlockedUntilMs'>): void {
    this.otpCounts = otpCounts;
    this.allowanceUsedUpUntilMs = smsBlockedUntilMs;
    this.suspended = false;
    this.isUnsubscribed = false;
    if (this.password) this.password = { ...this.password, blocked: false };
  }
}
