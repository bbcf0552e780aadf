import { ApplicationFailure } from '@temporalio/workflow';
import { after } from '../domain/durations.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import { type JourneyKind, type JourneyOutcome, type JourneyStep, lastStep } from '../domain/journeys.ts';
import {
  type Authority,
  type JourneyPolicy,
  type JourneyView,
  type OtpEntry,
  type PasswordChoice,
  workflowErrors,
} from './messages.ts';
import type { Proof } from './snapshot.ts';

/** Thrown where a story waits when its journey has ended meanwhile. */
export class JourneyEnded extends Error {}

/** The SMS code that a journey waits for. Guesses used survive a resend: `wrong` counts over all codes of the journey. */
export interface Otp {
  readonly number: number;
  readonly fingerprint: Fingerprint;
  readonly expiresAtMs: number;
  readonly resendAfterMs: number;
  readonly wrong: number;
  /** Codes that the provider took or may take; one that it refused is given back. */
  readonly sends: number;
}

/** What a journey is opened with. */
export interface JourneyOpening {
  readonly id: string;
  readonly kind: JourneyKind;
  readonly policy: JourneyPolicy;
  readonly requestId: string;
  readonly startedAtMs: number;
  readonly fingerprint: Fingerprint;
  /** For a journey begun with the password: what it rests on. */
  readonly authority?: Authority;
  /** For a change: the new password, staged already. */
  readonly stagedPasswordId?: string;
}

/**
 * What one browser is doing now: its step, its deadline and its SMS code. State and plain decisions only; what waits
 * and what writes is in `citizen-record.ts` and in the journeys.
 */
export class Journey {
  readonly id: string;
  readonly kind: JourneyKind;
  readonly policy: JourneyPolicy;
  readonly requestId: string;
  readonly deadlineMs: number;
  readonly authority: Authority | undefined;
  readonly stagedPasswordId: string | undefined;
  step: JourneyStep = 'otp';
  outcome: JourneyOutcome | null = null;
  /** The message that brought the outcome, for its repetition. */
  finishedBy: string | undefined;
  otp: Otp;
  /** The entry that was right. */
  confirmation: OtpEntry | undefined;
  /** The new password that was handed in and is being saved. */
  choice: PasswordChoice | undefined;
  /** While PostgreSQL decides, no deadline ends the journey. */
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
    this.deadlineMs = after(startedAtMs, policy.journeyLife);
    this.otp = { ...this.freshCode(1, fingerprint, startedAtMs), wrong: 0, sends: 1 };
  }

  get proof(): Proof {
    return this.authority ? 'password' : 'code';
  }

  get hasEnded(): boolean {
    return this.outcome !== null;
  }

  /** Wrong SMS codes still tolerated; at 0 the next wrong one ends the journey. */
  get attemptsLeft(): number {
    return Math.max(0, this.policy.otp.tolerated - this.otp.wrong);
  }

  get sendsLeft(): number {
    return Math.max(0, this.policy.otp.maxSends - this.otp.sends);
  }

  /** The first outcome stands: a journey that is over stays so. */
  finish(outcome: JourneyOutcome, finishedBy?: string): void {
    if (this.hasEnded) return;
    this.outcome = outcome;
    this.finishedBy = finishedBy;
    this.step = lastStep(outcome);
  }

  /** Counts a wrong SMS code. One more than tolerated voids the code; without another to come it ends the journey. */
  countWrongOtp(messageId: string): void {
    this.otp = { ...this.otp, wrong: this.otp.wrong + 1 };
    if (this.isOtpExhausted && this.otp.number >= this.policy.otp.maxCodes)
      this.finish('too-many-otps', messageId);
  }

  /** Its guesses are used up. */
  get isOtpExhausted(): boolean {
    return this.otp.wrong > this.policy.otp.tolerated;
  }

  /** Keeps a second resend out while the first is being prepared. Returns what lets one in again. */
  reserveResend(nowMs: number): () => void {
    const { resendAfterMs } = this.otp;
    this.otp = { ...this.otp, resendAfterMs: after(nowMs, this.policy.otp.resendAfter) };
    return () => {
      this.otp = { ...this.otp, resendAfterMs };
    };
  }

  /** A further code: the one before is void. Guesses used stay used, unless they were used up and there is a next code. */
  replaceOtp(number: number, fingerprint: Fingerprint, nowMs: number): void {
    const { sends, wrong } = this.otp;
    this.otp = {
      ...this.freshCode(number, fingerprint, nowMs),
      sends: sends + 1,
      wrong: this.isOtpExhausted ? 0 : wrong,
    };
  }

  /** The provider refused a code: it does not count as sent. */
  releaseSend(): void {
    this.otp = { ...this.otp, sends: this.otp.sends - 1 };
  }

  /** @throws ApplicationFailure JourneyOver or WrongStep, with the view that the caller is shown */
  assertStep(step: JourneyStep): void {
    if (this.hasEnded) throw workflowError(workflowErrors.journeyOver, this.view());
    const isTaken = step === 'otp' ? this.confirmation : this.choice;
    if (this.step !== step || isTaken) throw workflowError(workflowErrors.wrongStep, this.view());
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

  private freshCode(number: number, fingerprint: Fingerprint, nowMs: number) {
    const { life, resendAfter } = this.policy.otp;
    return {
      number,
      fingerprint,
      expiresAtMs: Math.min(after(nowMs, life), this.deadlineMs),
      resendAfterMs: after(nowMs, resendAfter),
    };
  }
}

/** A message that cannot be taken as things stand. The one kind of error that may leave a handler or validator. */
export const workflowError = (type: string, ...details: unknown[]): ApplicationFailure =>
  ApplicationFailure.create({ type, message: type, nonRetryable: true, details });
