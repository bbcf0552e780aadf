import type { Proof } from '../domain/journeys.ts';
import type { ActivationCodeState } from './activation-code.ts';

/** The password in force: its id and its clock. */
export interface PasswordClock {
  readonly id: string;
  readonly expiresAtMs: number;
  readonly expired: boolean;
  /** The reminders that are still to be sent, soonest first. */
  readonly remindersAtMs: readonly number[];
  /** Blocked by failed sign-ins, as far as the workflow knows: PostgreSQL decides. */
  readonly blocked: boolean;
}

/** An activation code that was issued, whether in force or void by now. */
export interface IssuedCode {
  readonly codeId: string;
  readonly atMs: number;
}

/** Wrong SMS codes of one citizen over all journeys. */
export interface OtpCounts {
  /** In the period that ends at `periodEndsAtMs`. */
  readonly wrongInPeriod: number;
  readonly periodEndsAtMs: number;
  /** Since the last right one. */
  readonly consecutiveWrong: number;
}

/**
 * Everything that one run passes to the next. JSON only, and small: it is the history of a sleeping citizen. Code that is
 * years younger reads it, so a change of shape takes a new `version` and a line in `upgradeSnapshot`.
 */
export interface CitizenSnapshot {
  readonly version: 1;
  readonly citizenId: string;
  readonly code?: ActivationCodeState;
  /** The latest codes, newest first. */
  readonly codesIssued: readonly IssuedCode[];
  readonly password?: PasswordClock;
  readonly otpCounts: Readonly<Record<Proof, OtpCounts>>;
  /** The phone's allowance of SMS is used up until then. */
  readonly smsBlockedUntilMs: Readonly<Partial<Record<Proof, number>>>;
  /** Suspended by an officer: nothing opens until a new registration act. */
  readonly suspended?: true;
}

const noneWrong: OtpCounts = { wrongInPeriod: 0, periodEndsAtMs: 0, consecutiveWrong: 0 };

/** The snapshot with which a workflow is started, before its first registration act. */
export const newCitizenSnapshot = (citizenId: string): CitizenSnapshot => ({
  version: 1,
  citizenId,
  codesIssued: [],
  otpCounts: { code: noneWrong, password: noneWrong },
  smsBlockedUntilMs: {},
});

/**
 * Upgrades a snapshot of any version to the current one. Pure, since replays run it for ever.
 * @throws Error on a newer version, since an older release would drop the fields that it does not know: the workflow task
 * fails and is retried until a release comes that can read it; and on one from before the first release, whose limits had
 * other names: read as this one, a blocked code would be open
 */
export function upgradeSnapshot(stored: CitizenSnapshot): CitizenSnapshot {
  if (stored.version !== 1)
    throw new Error(`a snapshot of version ${String((stored as { version: unknown }).version)}`);
  if (!('otpCounts' in stored)) throw new Error('a snapshot from before the first release');
  return stored;
}
