import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { IsoDuration } from '../domain/durations.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Authority, JourneyKind, JourneyOutcome, JourneyStep } from '../domain/journeys.ts';
import type {
  IdentificationPeriods,
  StrongIdentification,
} from '../domain/registration/strong-identification.ts';
import type { WrongOtpLimits } from '../domain/wrong-otps.ts';

/*
 * All messages between the API and a citizen's workflow. The wire name is the name of the constant, and is never changed:
 * it stays in histories. One object in, one union out. A message carries ids, keyed fingerprints, instants and numbers
 * only: nothing that signs in or names a person (docs/adr/0002).
 */

/** On every message. */
export interface Message {
  /** Id of the row of `Request`, with address and user agent of the caller: new for each attempt, unlike `messageId`. */
  readonly requestId: string;
  /** When the sender gives up (ms): rejected afterwards, so that a request that was answered 503 has no effect later. */
  readonly answerByMs: number;
}

/** A new activation code: its fingerprint, and the wrong entries that are tolerated before the next one blocks it. */
export interface CodeIssue {
  readonly codeId: string;
  readonly fingerprint: Fingerprint;
  readonly tolerated: number;
}

/**
 * The limits of one journey: a copy of the policy at the moment it opens. Docstrings name the entry of the policy file
 * (`domain/limits.ts`). `tolerated` wrong entries have no other effect, the next one has; `max` is the last one allowed.
 */
export interface JourneyPolicy {
  /** `visitLife` of the policy file. */
  readonly journeyLife: IsoDuration;
  readonly passwordLife: IsoDuration;
  /** `otp` of the policy file; in a change or renewal with `changeOtp` laid over it. */
  readonly otp: {
    /** Wrong entries of a code, `tries` of the policy file: one more voids it. */
    readonly tolerated: number;
    readonly life: IsoDuration;
    /** SMS codes sent in the journey, `sends` of the policy file. */
    readonly maxSends: number;
    /**
     * Codes that the guesses may use up, `codes` of `changeOtp`; 1 in other journeys. When those of one code are used up,
     * the next code is sent automatically; when those of the last are, the journey ends.
     */
    readonly maxCodes: number;
    readonly resendAfter: IsoDuration;
  };
  /** Over all journeys with the same proof: `otpPerCitizen` and `otpWithoutRightOne` of the policy file. */
  readonly wrongOtps: WrongOtpLimits;
  /** `textsPerPhone` of the policy file. */
  readonly smsPerPhone: { readonly max: number; readonly per: IsoDuration };
  /** How long before the expiry of the password that the journey sets. */
  readonly passwordReminders: readonly IsoDuration[];
}

export interface Registration extends Message {
  /** The row of `RegistrationAct` with the data that the citizen declared. */
  readonly actId: string;
  readonly officerId: string;
  readonly code: CodeIssue;
  /** `identity` of the policy file. Absent in messages of earlier releases: the identification has no clock. */
  readonly identity?: IdentificationPeriods;
}
/** An online registration: a journey that proves the phone, and then applies the act. */
export interface RegistrationStart extends Message {
  readonly journeyId: string;
  readonly tokenDigest: string;
  /** The row of `RegistrationAct` with the data of the certificate and what the citizen declared. */
  readonly actId: string;
  /** The row of `CertificateIdentification`. */
  readonly certificateId: string;
  /** By the DNIe: an identification in person, which also lifts a suspension. */
  readonly isStrong: boolean;
  readonly identity: IdentificationPeriods;
  readonly policy: JourneyPolicy;
}
/** The identity was proved in person again: at an office or with the DNIe. */
export interface IdentificationRenewal extends Message {
  readonly renewalId: string;
  readonly by: StrongIdentification['by'];
  readonly officerId?: string;
  readonly identity: IdentificationPeriods;
}
export interface CodeRegeneration extends Message {
  /** Absent: asked for with a certificate, whose evidence is staged under the id of the code. */
  readonly officerId?: string;
  readonly code: CodeIssue;
}
export interface CodeEntry extends Message {
  readonly journeyId: string;
  readonly tokenDigest: string;
  readonly entered: readonly Fingerprint[];
  /** PostgreSQL has a suspension, of which the workflow may not have heard yet (docs/adr/0042). */
  readonly isSuspended?: boolean;
  /** The citizen's phone has passed to another one, which only PostgreSQL knows (docs/adr/0015). */
  readonly isPhoneYielded?: boolean;
  readonly policy: JourneyPolicy;
}
/** A journey that a citizen starts with the password, which the API has compared. */
export interface JourneyStart extends Message {
  readonly journeyId: string;
  readonly tokenDigest: string;
  readonly kind: 'password-change' | 'unsubscription';
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
  /** Identifies repetitions: the journey keeps the id of the message that finished it. */
  readonly messageId: string;
}
export interface OtpEntry extends JourneyMessage {
  readonly entered: readonly Fingerprint[];
  /** Of an online registration: the activation code that the right entry issues. */
  readonly code?: CodeIssue;
}
export interface PasswordChoice extends JourneyMessage {
  readonly stagedPasswordId: string;
}

/** What a citizen does on the strength of a certificate, which the API has verified and reserved for this message. */
export interface CertificateMessage extends Message {
  /** Identifies repetitions: it is also what the certificate identification is reserved for. */
  readonly messageId: string;
  readonly certificateId: string;
}
export interface CertifiedPasswordChange extends CertificateMessage {
  /** A new password that has been checked, hashed and staged already. */
  readonly stagedPasswordId: string;
  readonly policy: Pick<JourneyPolicy, 'passwordLife' | 'passwordReminders'>;
}
export type CertifiedUnsubscription = CertificateMessage;

/** A journey as the API presents it, except for the masked phone and the delivery, which only PostgreSQL knows. */
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
  /** This national id is already registered under another citizen id. */
  | { kind: 'other-citizen' };
export type RenewalOutcome = { kind: 'renewed'; atMs: number; by: StrongIdentification['by'] };
export type RegenerationOutcome = { kind: 'regenerated'; issuedAtMs: number };
export type CodeOutcome =
  | { kind: 'accepted'; journey: JourneyView }
  | { kind: 'wrong' }
  /** This entry, or one at the same moment, exceeded the tolerated number. */
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
export type ExtensionOutcome = { kind: 'extended'; journey: JourneyView };
export type PasswordOutcome = { kind: 'accepted'; journey: JourneyView };

/** `superseded`: the certificate is no longer reserved for this message, whose sender has given up. */
export type CertifiedPasswordOutcome =
  | { kind: 'changed'; passwordExpiresAtMs: number }
  | { kind: 'superseded' | 'suspended' | 'reset-needed' };
export type CertifiedUnsubscriptionOutcome = { kind: 'unsubscribed' | 'superseded' | 'suspended' };

/** The status of a citizen, as officers see it. */
export interface CitizenStatusView {
  readonly status: CitizenStatus;
  readonly blocked: readonly ('code' | 'password')[];
  readonly passwordExpiresAtMs?: number;
  /** The row of the password in force, which `operations/reconcile` compares with PostgreSQL. */
  readonly passwordId?: string;
  /** The latest codes issued, the one in force first: compared likewise. */
  readonly codeIds: readonly string[];
}
export const citizenStatuses = ['registered', 'active', 'expired', 'suspended', 'unsubscribed'] as const;
export type CitizenStatus = (typeof citizenStatuses)[number];

export const registerCitizen = defineUpdate<RegistrationOutcome, [Registration]>('registerCitizen');
export const regenerateActivationCode = defineUpdate<RegenerationOutcome, [CodeRegeneration]>(
  'regenerateActivationCode',
);
export const startRegistration = defineUpdate<JourneyStartOutcome, [RegistrationStart]>('startRegistration');
export const renewIdentification = defineUpdate<RenewalOutcome, [IdentificationRenewal]>(
  'renewIdentification',
);
export const submitActivationCode = defineUpdate<CodeOutcome, [CodeEntry]>('submitActivationCode');
export const startJourney = defineUpdate<JourneyStartOutcome, [JourneyStart]>('startJourney');
export const suspendCitizen = defineUpdate<SuspensionOutcome, [Suspension]>('suspendCitizen');
/** Too many failed sign-ins have blocked this password (its id). Sent again until its arrival is recorded. */
export const passwordBlocked = defineSignal<[string]>('passwordBlocked');
/** The activation code of this id is void: an office issued a later one, which was lost with an older backup. */
export const activationCodeRevoked = defineSignal<[string]>('activationCodeRevoked');
/** PostgreSQL has recorded an unsubscription, which the workflow lost with an older backup. */
export const citizenUnsubscribed = defineSignal('citizenUnsubscribed');
export const submitOtp = defineUpdate<OtpOutcome, [OtpEntry]>('submitOtp');
export const resendOtp = defineUpdate<ResendOutcome, [JourneyMessage]>('resendOtp');
export const extendJourney = defineUpdate<ExtensionOutcome, [JourneyMessage]>('extendJourney');
export const setPassword = defineUpdate<PasswordOutcome, [PasswordChoice]>('setPassword');
export const changePasswordByCertificate = defineUpdate<CertifiedPasswordOutcome, [CertifiedPasswordChange]>(
  'changePasswordByCertificate',
);
export const unsubscribeByCertificate = defineUpdate<
  CertifiedUnsubscriptionOutcome,
  [CertifiedUnsubscription]
>('unsubscribeByCertificate');
export const journeyView = defineQuery<JourneyView | null, [string]>('journeyView');
export const citizenStatus = defineQuery<CitizenStatusView | null>('citizenStatus');
