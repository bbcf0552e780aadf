import { type JourneyOutcome, type Proof, proofs, supersedes } from '../domain/journeys.ts';
import type { StrongIdentification } from '../domain/registration/strong-identification.ts';
import { otpBlockedUntilMs, type WrongOtpCounts } from '../domain/wrong-otps.ts';
import { type ActivationCodeState, isBlocked, issueCode } from './activation-code.ts';
import { clocks } from './clocks.ts';
import type { Journey } from './journey.ts';
import type { CitizenStatus, CitizenStatusView, CodeIssue, JourneyPolicy, JourneyView } from './messages.ts';
import { noneWrong } from './otp-counts.ts';
import type { CitizenSnapshot, IssuedCode, PasswordClock, Permanente, Registration } from './snapshot.ts';
import { workflowError, workflowErrors } from './workflow-errors.ts';

/** Ids of codes that are remembered: a message is repeated for a day at most, and hardly any citizen gets more codes in one. */
const codesRemembered = 5;

/**
 * A citizen in the memory of a workflow: what the snapshot holds, and the journeys under way. Decisions only: it waits
 * for nothing, writes nothing and reads no clock.
 */
export class CitizenState {
  readonly id: string;
  /** Undefined before the first registration act is applied. */
  registration: Registration | undefined;

  private permanente: Permanente | undefined;
  private otpCounts: CitizenSnapshot['otpCounts'];
  private smsUsedUpUntilMs: CitizenSnapshot['smsUsedUpUntilMs'];
  /** At most one journey for each proof is open. */
  private journeys: readonly Journey[] = [];
  private codesIssued: readonly IssuedCode[];

  constructor(snapshot: CitizenSnapshot) {
    this.id = snapshot.citizenId;
    this.registration = snapshot.registration;
    this.codesIssued = snapshot.codesIssued;
    this.permanente = snapshot.permanente;
    this.otpCounts = snapshot.otpCounts;
    this.smsUsedUpUntilMs = snapshot.smsUsedUpUntilMs;
  }

  snapshot(): CitizenSnapshot {
    const { id, registration, codesIssued, permanente, otpCounts, smsUsedUpUntilMs, wakesAtMs } = this;
    return {
      version: 2,
      citizenId: id,
      ...(registration && { registration }),
      codesIssued,
      ...(permanente && { permanente }),
      otpCounts,
      smsUsedUpUntilMs,
      ...(wakesAtMs !== undefined && { wakesAtMs }),
    };
  }

  /** When the next of the citizen's clocks is due (ms). */
  private get wakesAtMs(): number | undefined {
    const due = clocks.map(({ dueAtMs }) => dueAtMs(this)).filter((atMs) => atMs !== undefined);
    return due.length > 0 ? Math.min(...due) : undefined;
  }

  /** The activation code; undefined for who has not got one, or has unsubscribed. */
  get code(): ActivationCodeState | undefined {
    return this.permanente?.code;
  }

  get password(): PasswordClock | undefined {
    return this.permanente?.password;
  }

  get isSuspended(): boolean {
    return this.registration?.suspended ?? false;
  }

  /** Undefined before the first registration act is applied. */
  get status(): CitizenStatus | undefined {
    if (!this.registration) return undefined;
    if (!this.permanente) return 'unsubscribed';
    if (this.isSuspended) return 'suspended';
    if (!this.password) return 'registered';
    return this.password.expired ? 'expired' : 'active';
  }

  /** The status as officers see it; null before the first registration act is applied. */
  statusView(): CitizenStatusView | null {
    if (!this.status) return null;
    const isCodeBlocked = this.isSuspended || (this.code && isBlocked(this.code));
    const isPasswordBlocked = this.password && (this.isSuspended || this.password.blocked);
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

  /**
   * Registers the citizen, or does so again: an officer or a certificate has identified the person, so counts, blocks and suspension are
   * lifted. The password stays; whether it stays blocked, PostgreSQL decides.
   */
  register(registration: Registration, code: CodeIssue, atMs: number): void {
    this.registration = registration;
    this.otpCounts = {};
    this.smsUsedUpUntilMs = {};
    this.issue(code, atMs);
    if (this.password) this.setPassword({ ...this.password, blocked: false });
  }

  /** Puts a new code in force; the one before is void. */
  issue(code: CodeIssue, atMs: number): void {
    this.permanente = { ...this.permanente, code: issueCode(code, atMs) };
    this.codesIssued = [{ codeId: code.codeId, atMs }, ...this.codesIssued].slice(0, codesRemembered);
  }

  /** Replaces the state of the code in force. */
  setCode(code: ActivationCodeState): void {
    this.permanente = { ...this.permanente, code };
  }

  /** Puts a password in force, or replaces the state of the one that is. @throws Error without an activation code */
  setPassword(password: PasswordClock): void {
    if (!this.permanente) throw new Error('a password without an activation code');
    this.permanente = { ...this.permanente, password };
  }

  /** Replaces when and how the identity was last proved in person. */
  setLastStrongIdentification(lastStrongIdentification: StrongIdentification): void {
    if (this.registration) this.registration = { ...this.registration, lastStrongIdentification };
  }

  suspend(): void {
    if (this.registration) this.registration = { ...this.registration, suspended: true };
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

  /** The open journey; of several, the one begun with the strongest proof. */
  get currentJourney(): Journey | undefined {
    return this.journeys
      .filter(({ isFinished }) => !isFinished)
      .sort((a, b) => proofs.indexOf(b.proof) - proofs.indexOf(a.proof))[0];
  }

  /** Adds a journey and ends those that it supersedes. */
  addJourney(journey: Journey): void {
    for (const other of this.journeys) if (supersedes(journey.proof, other.proof)) other.finish('superseded');
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

  /** Ends Permanente and all journeys: the state of an unsubscribed citizen. The registration stays ([clave]). */
  endPermanente(): void {
    this.endJourneys('superseded');
    this.permanente = undefined;
  }

  otpCountsOf(proof: Proof): WrongOtpCounts {
    return this.otpCounts[proof] ?? noneWrong;
  }

  setOtpCounts(proof: Proof, counts: WrongOtpCounts): void {
    this.otpCounts = { ...this.otpCounts, [proof]: counts };
  }

  /** Until when (ms) no further SMS code is sent in journeys with this proof; undefined if one may be sent now. */
  smsBlockedUntilMs(proof: Proof, policy: JourneyPolicy, nowMs: number): number | undefined {
    const untilMs =
      otpBlockedUntilMs(this.otpCountsOf(proof), policy.wrongOtps, nowMs) ?? this.smsUsedUpUntilMs[proof];
    return untilMs !== undefined && untilMs > nowMs ? untilMs : undefined;
  }

  /** The phone's allowance is used up until then (ms). Each online registration has a phone of its own: PostgreSQL is asked. */
  blockSms(proof: Proof, untilMs: number): void {
    if (proof === 'certificate') return;
    this.smsUsedUpUntilMs = { ...this.smsUsedUpUntilMs, [proof]: untilMs };
  }
}
