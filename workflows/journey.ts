import { after } from '../domain/durations.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import {
  type Authority,
  type JourneyOutcome,
  type JourneyStep,
  lastStep,
  type Proof,
  type WorkflowJourneyKind,
} from '../domain/journeys.ts';
import type { JourneyPolicy, JourneyView, OtpEntry, PasswordChoice, RegistrationStart } from './messages.ts';
import { StepInput } from './step-input.ts';
import { workflowError, workflowErrors } from './workflow-errors.ts';

/** What a journey was begun with: the credential of its authority, or without one the activation code. */
export const proofOf = (authority: Authority | undefined): Proof => authority?.basis ?? 'activation-code';

/** Thrown to a step that awaits something when its journey ends without success. */
export class JourneyEnded extends Error {}

/**
 * The SMS code that a journey awaits. Used guesses carry over to a resent code; only the replacement of an exhausted code
 * starts at 0.
 */
export interface Otp {
  readonly number: number;
  readonly fingerprint: Fingerprint;
  readonly expiresAtMs: number;
  readonly resendAfterMs: number;
  readonly wrong: number;
  /** Codes that the provider took or may take; one that it refused is subtracted. */
  readonly sends: number;
}

/** What a journey is opened with. */
export interface JourneyOpening {
  readonly id: string;
  readonly kind: WorkflowJourneyKind;
  readonly policy: JourneyPolicy;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly fingerprint: Fingerprint;
  /** Of a journey opened with the password or a certificate. */
  readonly authority?: Authority;
  /** Of a change: the new password, staged already. */
  readonly stagedPasswordId?: string;
  /** Of an online registration: what it applies. */
  readonly act?: OnlineAct;
}

/** A registration act that was declared online. */
export type OnlineAct = Pick<RegistrationStart, 'actId' | 'isStrong' | 'identity'>;

/** The steps at which a journey awaits the citizen. */
type AwaitingStep = Exclude<JourneyStep, 'done' | 'ended'>;

/** An open journey: its step, its deadline, its SMS code and what its steps await. State and decisions only. */
export class Journey {
  readonly id: string;
  readonly kind: WorkflowJourneyKind;
  readonly policy: JourneyPolicy;
  readonly requestId: string;
  deadlineMs: number;
  /** Whether the citizen has asked for more time: once, by the journey's length ([WCAG] 2.2.1). */
  isExtended = false;
  readonly authority: Authority | undefined;
  readonly stagedPasswordId: string | undefined;
  readonly act: OnlineAct | undefined;
  step: JourneyStep = 'otp';
  outcome: JourneyOutcome | null = null;
  /** The message that brought the outcome: its repetition is answered alike. */
  finishedBy: string | undefined;
  otp: Otp;
  /** The right entry of the SMS code. */
  readonly otpEntry = new StepInput<OtpEntry>();
  readonly passwordChoice = new StepInput<PasswordChoice>();
  /** The input that each step awaits. A new step does not compile without its line. */
  private readonly inputs: Readonly<Record<AwaitingStep, StepInput<unknown>>> = {
    otp: this.otpEntry,
    password: this.passwordChoice,
  };
  /** PostgreSQL decides its last step now: no deadline ends it. */
  isSaving = false;
  passwordExpiresAtMs: number | undefined;

  constructor(opening: JourneyOpening) {
    const { id, kind, policy, requestId, startedAtMs, fingerprint, authority, stagedPasswordId } = opening;
    this.id = id;
    this.kind = kind;
    this.policy = policy;
    this.requestId = requestId;
    this.authority = authority;
    this.stagedPasswordId = stagedPasswordId;
    this.act = opening.act;
    this.deadlineMs = after(startedAtMs, policy.journeyLife);
    this.otp = { ...this.newOtp(1, fingerprint, startedAtMs), wrong: 0, sends: 1 };
  }

  get proof(): Proof {
    return proofOf(this.authority);
  }

  get isFinished(): boolean {
    return this.outcome !== null;
  }

  /** Finished with success. */
  get isCompleted(): boolean {
    return this.step === 'done';
  }

  /** Wrong SMS codes still tolerated; at 0 the next wrong one ends the journey. */
  get attemptsLeft(): number {
    return Math.max(0, this.policy.otp.tolerated - this.otp.wrong);
  }

  get sendsLeft(): number {
    return Math.max(0, this.policy.otp.maxSends - this.otp.sends);
  }

  /** Sets the outcome, unless there is one: the first one stands. */
  finish(outcome: JourneyOutcome, finishedBy?: string): void {
    if (this.isFinished) return;
    this.outcome = outcome;
    this.finishedBy = finishedBy;
    this.step = lastStep(outcome);
  }

  /** Moves the deadline by the journey's length. */
  extend(): void {
    this.isExtended = true;
    this.deadlineMs = after(this.deadlineMs, this.policy.journeyLife);
  }

  /** Counts a wrong SMS code. One more than tolerated voids the code; without another to come it ends the journey. */
  applyWrongOtp(messageId: string): void {
    this.otp = { ...this.otp, wrong: this.otp.wrong + 1 };
    if (this.isOtpExhausted && this.otp.number >= this.policy.otp.maxCodes)
      this.finish('too-many-otps', messageId);
  }

  /** The guesses of the current code are used up: it is void. */
  get isOtpExhausted(): boolean {
    return this.otp.wrong > this.policy.otp.tolerated;
  }

  /** Reserves the resend slot before the first await, so that concurrent resends are rejected. Returns a rollback. */
  reserveResend(nowMs: number): () => void {
    const { resendAfterMs } = this.otp;
    this.otp = { ...this.otp, resendAfterMs: after(nowMs, this.policy.otp.resendAfter) };
    return () => {
      this.otp = { ...this.otp, resendAfterMs };
    };
  }

  /** Puts a further SMS code in place of the one before. Its guesses stay counted, unless they were used up. */
  replaceOtp(number: number, fingerprint: Fingerprint, nowMs: number): void {
    const { sends, wrong } = this.otp;
    this.otp = {
      ...this.newOtp(number, fingerprint, nowMs),
      sends: sends + 1,
      wrong: this.isOtpExhausted ? 0 : wrong,
    };
  }

  /** An SMS code that the provider refused does not count as sent. */
  releaseSend(): void {
    this.otp = { ...this.otp, sends: this.otp.sends - 1 };
  }

  /** @throws ApplicationFailure JourneyOver or WrongStep, with the view of the journey */
  assertStep(step: AwaitingStep): void {
    if (this.isFinished) throw workflowError(workflowErrors.journeyOver, this.view());
    if (this.step !== step || this.inputs[step].value !== undefined)
      throw workflowError(workflowErrors.wrongStep, this.view());
  }

  view(): JourneyView {
    const { id, kind, step, outcome, otp } = this;
    return {
      id,
      kind,
      step,
      outcome,
      ...(step === 'otp' && {
        otp: {
          expiresAtMs: otp.expiresAtMs,
          resendAfterMs: otp.resendAfterMs,
          attemptsLeft: this.attemptsLeft,
          sendsLeft: this.sendsLeft,
        },
      }),
      expiresAtMs: this.deadlineMs,
      ...(this.passwordExpiresAtMs !== undefined && { passwordExpiresAtMs: this.passwordExpiresAtMs }),
    };
  }

  private newOtp(number: number, fingerprint: Fingerprint, nowMs: number) {
    const { life, resendAfter } = this.policy.otp;
    return {
      number,
      fingerprint,
      expiresAtMs: Math.min(after(nowMs, life), this.deadlineMs),
      resendAfterMs: after(nowMs, resendAfter),
    };
  }
}
