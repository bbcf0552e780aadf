import type { Means } from './assurance.ts';
import type { IdentificationKind, JourneyOutcome, Proof } from './journeys.ts';
import type { Policy } from './policy.ts';

/** What distinguishes one kind of identification from another. A new kind is a line of `identifications`. */
export interface IdentificationRules {
  /** The proof with which it begins: wrong codes and SMS count against that proof's limits. */
  readonly proof: Proof;
  /** The outcome of the right code. */
  readonly outcome: JourneyOutcome;
  /** What the citizen has identified with at its end: the assurance of the session follows from it. */
  readonly means: Means;
}

/** Every kind of identification. */
export const identifications = {
  'sign-in': { proof: 'password', outcome: 'signed-in', means: 'password-sms' },
} as const satisfies Record<IdentificationKind, IdentificationRules>;

/** The limits of an identification's SMS code. */
export type OtpLimits = Pick<Policy['otp'], 'tolerated' | 'maxSends'>;

/** The state of an identification, as its row holds it. Instants in ms. */
export interface Identification {
  readonly expiresAtMs: number;
  /** Null while it is open. */
  readonly outcome: JourneyOutcome | null;
  readonly otpExpiresAtMs: number;
  readonly resendAfterMs: number;
  /** Entries that were counted and not right, over all codes. */
  readonly wrong: number;
  /** Codes that the provider took or may take. */
  readonly sends: number;
}

/** Its outcome at an instant. One that was left alone has timed out, whether or not that is written yet. */
export const outcomeAt = (
  { outcome, expiresAtMs }: Pick<Identification, 'outcome' | 'expiresAtMs'>,
  nowMs: number,
): JourneyOutcome | null => outcome ?? (nowMs >= expiresAtMs ? 'timed-out' : null);

/** Whether the code in force takes no entry: its life is over, or its guesses are used up. */
export const isOtpVoid = (
  { otpExpiresAtMs, wrong }: Pick<Identification, 'otpExpiresAtMs' | 'wrong'>,
  { tolerated }: Pick<OtpLimits, 'tolerated'>,
  nowMs: number,
): boolean => nowMs > otpExpiresAtMs || exceedsGuesses(wrong, { tolerated });

/** When another code may be sent, if it may not be sent now (ms): after the pause, or never once all are sent. */
export function resendBlockedUntilMs(
  { sends, expiresAtMs, resendAfterMs }: Pick<Identification, 'sends' | 'expiresAtMs' | 'resendAfterMs'>,
  { maxSends }: Pick<OtpLimits, 'maxSends'>,
  nowMs: number,
): number | undefined {
  if (sends >= maxSends) return expiresAtMs;
  return nowMs < resendAfterMs ? resendAfterMs : undefined;
}

/** Whether one more wrong entry than tolerated was counted: such an entry ends the identification, which has one code at a time. */
export const exceedsGuesses = (wrong: number, { tolerated }: Pick<OtpLimits, 'tolerated'>): boolean =>
  wrong > tolerated;
