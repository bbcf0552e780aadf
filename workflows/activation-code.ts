import { type Fingerprint, matchesFingerprint } from '../domain/fingerprint.ts';
import type { CodeIssue } from './messages.ts';

/** An activation code in the workflow: its keyed fingerprint, never the code, and the count of wrong entries. */
export interface ActivationCodeState {
  readonly codeId: string;
  readonly fingerprint: Fingerprint;
  /** Wrong entries tolerated, as the policy was when the code was issued. */
  readonly tolerated: number;
  /** Wrong entries since the issue or the last right one. */
  readonly wrong: number;
  readonly issuedAtMs: number;
}

/** A new code, without wrong entries. */
export const issueCode = (
  { codeId, fingerprint, tolerated: tries }: CodeIssue,
  issuedAtMs: number,
): ActivationCodeState => ({
  codeId,
  fingerprint,
  tolerated: tries,
  wrong: 0,
  issuedAtMs,
});

/** [clave]: "more than 5 times": five wrong entries are tolerated, the sixth blocks. Reading: docs/adr/0005. */
export const isBlocked = (code: ActivationCodeState): boolean => code.wrong > code.tolerated;

/** Whether an entry matches the code. Counts nothing. */
export const matchesCode = (code: ActivationCodeState, entered: readonly Fingerprint[]): boolean =>
  matchesFingerprint(code.fingerprint, entered);

/** The code blocked at once, as by one wrong entry more than tolerated: only a registration act issues another. */
export const blockCode = (code: ActivationCodeState): ActivationCodeState => ({
  ...code,
  wrong: code.tolerated + 1,
});

/** The code after an entry: the right one resets the count, a wrong one raises it. */
export const countEntry = (code: ActivationCodeState, right: boolean): ActivationCodeState => ({
  ...code,
  wrong: right ? 0 : code.wrong + 1,
});
