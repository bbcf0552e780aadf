import type { RegistrationLevel } from '../domain/assurance.ts';
import type { Proof } from '../domain/journeys.ts';
import type { StrongIdentification } from '../domain/registration/strong-identification.ts';
import type { WrongOtpCounts } from '../domain/wrong-otps.ts';
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

/** That a citizen is registered: how the identity was proved. It outlives Permanente. */
export interface Registration {
  readonly level: RegistrationLevel;
  /** Suspended by an officer: nothing opens until a new registration act. */
  readonly suspended?: true;
  /** When and how the identity was last proved in person, with its clock of five years ([clave]). Absent: never. */
  readonly lastStrongIdentification?: StrongIdentification;
}

/** Cl@ve Permanente: the activation code in force, and the password once it is activated. An unsubscription ends it. */
export interface Permanente {
  readonly code: ActivationCodeState;
  readonly password?: PasswordClock;
}

/**
 * Everything that one run passes to the next. JSON only, and small: it is the history of a sleeping citizen. Code that is
 * years younger reads it, so a change of shape takes a new `version` and a line in `upgradeSnapshot`.
 */
export interface CitizenSnapshot {
  readonly version: 2;
  readonly citizenId: string;
  /** Absent until the first registration act is applied. */
  readonly registration?: Registration;
  /** The latest codes, newest first. */
  readonly codesIssued: readonly IssuedCode[];
  readonly permanente?: Permanente;
  readonly otpCounts: Readonly<Partial<Record<Proof, WrongOtpCounts>>>;
  /** The phone's allowance of SMS is used up until then. */
  readonly smsUsedUpUntilMs: Readonly<Partial<Record<Proof, number>>>;
  /** When the next of the citizen's clocks is due: the run opens with one sleep until then. Absent: no clock runs. */
  readonly wakesAtMs?: number;
}

/** The snapshot with which a workflow is started, before its first registration act. */
export const newCitizenSnapshot = (citizenId: string): CitizenSnapshot => ({
  version: 2,
  citizenId,
  codesIssued: [],
  otpCounts: {},
  smsUsedUpUntilMs: {},
});

/**
 * Upgrades a snapshot of any version to the current one. Pure, since replays run it for ever.
 * @throws Error on a newer version, since an older release would drop the fields that it does not know: the workflow task
 * fails and is retried until a release comes that can read it; and on one from before the first release
 */
export function upgradeSnapshot(stored: CitizenSnapshot): CitizenSnapshot {
  if (stored.version === 2) return stored;
  const { version } = stored as { version: unknown };
  throw new Error(
    version === 1 ? 'a snapshot from before the first release' : `a snapshot of version ${version}`,
  );
}
