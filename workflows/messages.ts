import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { IsoDuration } from '../domain/durations.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Authority, JourneyKind, JourneyOutcome, JourneyStep } from '../domain/journeys.ts';

/*
 * The whole vocabulary between the API and a citizen's workflow. Wire name = constant name, never renamed: it lies in
 * histories. One object in, one union out. Nothing here lets anyone sign in or names a person: ids, keyed
 * fingerprints, instants and numbers only (docs/adr/0002).
 */

/** On every message. */
export interface Message {
  /** The row of `Request` that says from where the call came. */
  readonly requestId: string;
  /** When the sender gives up (ms): refused afterwards, so that an answer of 503 has no effect later. */
  readonly answerByMs: number;
}

/** A new activation code: what an entry is compared with, and the wrong entries it tolerates. */
export interface CodeIssue {
  readonly codeId: string;
  readonly fingerprint: Fingerprint;
  readonly tolerated: number;
}

/** The numbers a journey lives by: a copy of the policy at the moment it opens. */
export interface JourneyPolicy {
  readonly journeyLife: IsoDuration;
  readonly passwordLife: IsoDuration;
  readonly otp: {
    readonly tolerated: number;
    readonly life: IsoDuration;
    readonly maxSends: number;
    /** Codes each of which brings new guesses; a further one is sent by itself when they are used up. */
    readonly maxCodes: number;
    readonly resendAfter: IsoDuration;
  };
  readonly wrongOtpsPerPeriod: { readonly max: number; readonly per: IsoDuration };
  readonly consecutiveWrongOtps: { readonly max: number };
  readonly smsPerPhone: { readonly max: number; readonly per: IsoDuration };
  readonly session: { readonly absolute: IsoDuration };
  /** Before the expiry of a password that the journey sets. */
  readonly passwordReminders: readonly IsoDuration[];
}

export interface Registration extends Message {
  /** The row of `RegistrationAct` with what was declared. */
  readonly actId: string;
  readonly officerId: string;
  readonly code: CodeIssue;
}
export interface CodeRegeneration extends Message {
  readonly officerId: string;
  readonly code: CodeIssue;
}
export interface CodeEntry extends Message {
  readonly journeyId: string;
  readonly tokenDigest: string;
  readonly entered: readonly Fingerprint[];
  readonly policy: JourneyPolicy;
}
/** A citizen who has given the password begins a journey with it. */
export interface JourneyStart extends Message {
  readonly journeyId: string;
  readonly tokenDigest: string;
  readonly kind: 'sign-in' | 'password-change' | 'unsubscription';
  readonly authority: Authority;
  /** A new password that has been checked, hashed and staged already. */
  readonly stagedPasswordId?: string;
  readonly policy: JourneyPolicy;
}
export interface Suspension extends Message {
  /** The row of `Suspension` with the officer's reason. */
  readonly suspensionId: string;
  readonly officerId: string;
}
export interface JourneyMessage extends Message {
  readonly journeyId: string;
  /** Tells a repetition from another message: the journey keeps that of the one that finished it. */
  readonly messageId: string;
}
export interface OtpEntry extends JourneyMessage {
  readonly entered: readonly Fingerprint[];
  /** The session that a sign-in opens. */
  readonly session?: { readonly sessionId: string; readonly tokenDigest: string };
}
export interface PasswordChoice extends JourneyMessage {
  readonly stagedPasswordId: string;
}

/** A journey as the API presents it, but for what only PostgreSQL knows (the masked phone, the delivery). */
export interface JourneyView {
  readonly id: string;
  readonly kind: JourneyKind;
  readonly step: JourneyStep;
  readonly outcome: JourneyOutcome | null;
  readonly otp?: {
    readonly expiresAtMs: number;
    readonly resendAfterMs: number;
    readonly attemptsLeft: number;
    readonly sendsLeft: number;
  };
  readonly expiresAtMs: number;
  readonly passwordExpiresAtMs?: number;
}

export type RegistrationOutcome =
  | { kind: 'registered'; issuedAtMs: number }
  | { kind: 'phone-in-use' }
  /** Another act for the same national id came first, under this citizen id. */
  | { kind: 'other-citizen' };
export type RegenerationOutcome = { kind: 'regenerated'; issuedAtMs: number };
export type CodeOutcome =
  | { kind: 'accepted'; journey: JourneyView }
  | { kind: 'wrong' }
  /** The entry that was one too many, or one that came together with it. */
  | { kind: 'blocked' }
  | { kind: 'too-many'; retryAtMs: number };
export type JourneyStartOutcome =
  | { kind: 'started'; journey: JourneyView }
  | { kind: 'too-many'; retryAtMs: number };
export type SuspensionOutcome = { kind: 'suspended' };
export type OtpOutcome = { kind: 'accepted' | 'refused'; journey: JourneyView };
export type ResendOutcome =
  | { kind: 'sending'; journey: JourneyView }
  | { kind: 'too-many'; retryAtMs: number };
export type PasswordOutcome = { kind: 'accepted'; journey: JourneyView };

/** What officers are told of a citizen. */
export interface CitizenStatusView {
  readonly status: CitizenStatus;
  readonly blocked: readonly ('code' | 'password')[];
  readonly passwordExpiresAtMs?: number;
  /** The row of the password in force: what PostgreSQL is compared with (`api/reconcile`). */
  readonly passwordId?: string;
  /** The latest codes that were issued, the one in force first: compared likewise. */
  readonly codeIds: readonly string[];
}
export type CitizenStatus = 'registered' | 'active' | 'expired' | 'suspended' | 'unsubscribed';

export const registerCitizen = defineUpdate<RegistrationOutcome, [Registration]>('registerCitizen');
export const regenerateActivationCode = defineUpdate<RegenerationOutcome, [CodeRegeneration]>(
  'regenerateActivationCode',
);
export const submitActivationCode = defineUpdate<CodeOutcome, [CodeEntry]>('submitActivationCode');
export const startJourney = defineUpdate<JourneyStartOutcome, [JourneyStart]>('startJourney');
export const suspendCitizen = defineUpdate<SuspensionOutcome, [Suspension]>('suspendCitizen');
/** News: too many failed sign-ins have blocked this password. Told again until it is known to have arrived. */
export const passwordBlocked = defineSignal<[string]>('passwordBlocked');
/** News: the office has given another code than this one, and that one was lost with a backup. */
export const activationCodeRevoked = defineSignal<[string]>('activationCodeRevoked');
export const submitOtp = defineUpdate<OtpOutcome, [OtpEntry]>('submitOtp');
export const resendOtp = defineUpdate<ResendOutcome, [JourneyMessage]>('resendOtp');
export const setPassword = defineUpdate<PasswordOutcome, [PasswordChoice]>('setPassword');
export const journeyView = defineQuery<JourneyView | null, [string]>('journeyView');
export const citizenStatus = defineQuery<CitizenStatusView | null>('citizenStatus');
