import type { ActivationCodeState } from './activation-code.ts';

/** The password in force, as the clock sees it. */
export interface PasswordClock {
  readonly id: string;
  readonly expiresAtMs: number;
  readonly expired: boolean;
  /** When its owner is still to be reminded, soonest first. */
  readonly remindersAtMs: readonly number[];
  /** Blocked by failed sign-ins, as far as the workflow has been told. */
  readonly blocked: boolean;
}

/** A code that was issued, in force or void by now. */
export interface IssuedCode {
  readonly codeId: string;
  readonly atMs: number;
}

/** What a journey begins with. Limits are counted apart, so that who holds only one can't use up those of the other. */
export type Proof = 'code' | 'password';

/** Wrong SMS codes of one citizen over all journeys. */
export interface OtpCounts {
  /** In the period that ends at `periodEndsAtMs`. */
  readonly wrongInPeriod: number;
  readonly periodEndsAtMs: number;
  /** Since the last right one. */
  readonly consecutiveWrong: number;
}

/**
 * All that one chapter hands to the next. JSON only, and small: it is the history of a sleeping citizen. It is read by
 * code that is years younger, so a change of shape takes a new `version` and a line in `upgraded`.
 */
export interface CitizenSnapshot {
  readonly version: 1;
  readonly citizenId: string;
  readonly code?: ActivationCodeState;
  /** The latest codes, newest first. */
  readonly codesIssued: readonly IssuedCode[];
  readonly password?: PasswordClock;
  readonly otpCounts: Readonly<Record<Proof, OtpCounts>>;
  /** Texts to the phone are used up until then. */
  readonly smsBlockedUntilMs: Readonly<Partial<Record<Proof, number>>>;
  /** By an office, on suspicion: nothing opens until a new registration act. */
  readonly suspended?: true;
}

const noneWrong: OtpCounts = { wrongInPeriod: 0, periodEndsAtMs: 0, consecutiveWrong: 0 };

/** The start of a citizen whom the first registration act will make known. */
export const newCitizenSnapshot = (citizenId: string): CitizenSnapshot => ({
  version: 1,
  citizenId,
  codesIssued: [],
  otpCounts: { code: noneWrong, password: noneWrong },
  smsBlockedUntilMs: {},
});

/**
 * A snapshot of any version as one of today's. Pure: it runs in replays for ever.
 * @throws Error on a version of the future, which an older release must not cut down to what it knows: the task fails
 * and is tried again until a release comes that can read it.
 */
export function upgradeSnapshot(stored: CitizenSnapshot): CitizenSnapshot {
  if (stored.version === 1) return stored;
  throw new Error(`a snapshot of version ${String((stored as { version: unknown }).version)}`);
}
