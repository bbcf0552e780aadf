import type { IdentificationKind, JourneyOutcome, JourneyStep, Proof } from './journeys.ts';
import type { Policy } from './policy.ts';

/** The limits that one kind of identification is held to. */
export interface IdentificationLimits {
  /** How long it stays open. */
  readonly life: string;
  readonly otp: Policy['otp'];
  /** Wrong SMS codes of a citizen, over all identifications that begin with the same proof. */
  readonly wrongOtps: Policy['wrongOtps'];
  readonly smsPerPhone: Policy['smsPerPhone'];
}

/**
 * The rules of one kind of identification. `api/identification/identification-kinds.ts` adds what its
 * success does.
 */
export interface IdentificationRules {
  /** The proof with which it begins: wrong codes and SMS count against that proof's limits. */
  readonly proof: Proof;
  /** The step at which it waits. */
  readonly step: Exclude<JourneyStep, 'done' | 'ended'>;
  readonly limits: (policy: Policy) => IdentificationLimits;
  /** The outcome of the right code. */
  readonly outcome: JourneyOutcome;
}

/** After a password, identifications and journeys are counted apart, each up to half of the limit (docs/adr/0031). */
const limitsAfterPassword = ({
  journeyLife: life,
  otp,
  halvedWrongOtps: wrongOtps,
  smsPerPhone,
}: Policy): IdentificationLimits => ({ life, otp, wrongOtps, smsPerPhone });

/** Every kind of identification. A new kind is a line of this table. */
export const identifications = {
  'sign-in': { proof: 'password', step: 'otp', limits: limitsAfterPassword, outcome: 'signed-in' },
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

/**
 * Why the code in force takes no entry: its life is over (`expired`), or its guesses are used up (`void`). Undefined if it
 * takes one.
 */
export function whyOtpIsVoid(
  { otpExpiresAtMs, wrong }: Pick<Identification, 'otpExpiresAtMs' | 'wrong'>,
  { tolerated }: Pick<OtpLimits, 'tolerated'>,
  nowMs: number,
): 'expired' | 'void' | undefined {
  if (nowMs > otpExpiresAtMs) return 'expired';
  return exceedsGuesses(wrong, { tolerated }) ? 'void' : undefined;
}

/** What keeps another code from being sent, and until when (ms). */
export interface ResendBlock {
  /** The pause after the last code, the codes of one identification, wrong codes of the citizen, the SMS of the phone. */
  readonly limit: 'otp-pause' | 'otp-sends' | 'wrong-otps' | 'texts';
  readonly untilMs: number;
}

/** What of the identification itself keeps another code from being sent now: the pause, or that all are sent. */
export function resendBlock(
  { sends, expiresAtMs, resendAfterMs }: Pick<Identification, 'sends' | 'expiresAtMs' | 'resendAfterMs'>,
  { maxSends }: Pick<OtpLimits, 'maxSends'>,
  nowMs: number,
): ResendBlock | undefined {
  if (sends >= maxSends) return { limit: 'otp-sends', untilMs: expiresAtMs };
  return nowMs < resendAfterMs ? { limit: 'otp-pause', untilMs: resendAfterMs } : undefined;
}

/**
 * Whether one more wrong entry than tolerated was counted: such an entry ends the identification, which has one code at a
 * time.
 */
export const exceedsGuesses = (wrong: number, { tolerated }: Pick<OtpLimits, 'tolerated'>): boolean =>
  wrong > tolerated;
