import { type Fingerprint, matchesFingerprint } from '../domain/fingerprint.ts';
import type { CodeIssue } from './messages.ts';

/** An activation code as it is kept: never the code, only what an entry is compared with, and the count. */
export interface ActivationCodeState {
  readonly codeId: string;
  readonly fingerprint: Fingerprint;
  /** Wrong entries tolerated, as the policy was when the code was issued. */
  readonly tolerated: number;
  /** Wrong entries since the issue or the last right one. */
  readonly wrong: number;
  readonly issuedAtMs: number;
}

/** A new code, not yet entered by anyone. */
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

/** Whether an entry is this code. Decides nothing and counts nothing. */
export const matchesCode = (code: ActivationCodeState, entered: readonly Fingerprint[]): boolean =>
  matchesFingerprint(code.fingerprint, entered);

/** The code, open to nobody any more: only a registration act gives another. */
export const revokeCode = (code: ActivationCodeState): ActivationCodeState => ({
  ...code,
  wrong: code.tolerated + 1,
});

/** The code after an entry: a right one sets the count back, a wrong one raises it. */
export const countEntry = (code: ActivationCodeState, right: boolean): ActivationCodeState => ({
  ...code,
  wrong: right ? 0 : code.wrong + 1,
});
