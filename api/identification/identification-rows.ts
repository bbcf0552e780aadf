import type { QueryConfig } from 'pg';
import type { AuditEvent } from '../../domain/audit-events.ts';
import { type Identification, type IdentificationRules, outcomeAt } from '../../domain/identification.ts';
import type { IdentificationKind, JourneyKind, JourneyOutcome } from '../../domain/journeys.ts';
import type { Policy } from '../../domain/policy.ts';
import type { ResponseRandomness } from '../../platform/response-randomness.ts';
import { auditStatement } from '../../records/audit.ts';
import { isIdentification } from '../../records/identifications.ts';
import type { JourneyView } from '../../workflows/messages.ts';

/** One entry of the SMS code of an identification. */
export interface IdentificationEntry {
  readonly id: string;
  readonly otp: string;
  /** Derived from `randomness`: a repetition of the request is the same message. */
  readonly messageId: string;
  readonly requestId: string;
  readonly randomness: ResponseRandomness;
}

export type IdentificationOutcome<Opened> =
  | { readonly kind: 'accepted'; readonly row: IdentificationRow; readonly opened: Opened }
  /** Wrong; or not compared, because the code in force has expired or its guesses are used up. */
  | { readonly kind: 'refused'; readonly isExpired: boolean; readonly row: IdentificationRow }
  /** It had an outcome already, or what it began with is no longer in force. */
  | { readonly kind: 'over'; readonly row: IdentificationRow }
  | { readonly kind: 'too-many'; readonly retryAtMs: number };

/** The columns of `Journey` that hold an identification. */
export interface IdentificationRow {
  readonly id: string;
  readonly citizenId: string;
  readonly kind: IdentificationKind;
  readonly passwordId: string | null;
  readonly requestId: string;
  readonly expiresAt: Date;
  readonly finishedAt: Date | null;
  readonly finishedBy: string | null;
  readonly outcome: JourneyOutcome | null;
  readonly otpNumber: number;
  readonly otpKeyId: string | null;
  readonly otpExpiresAt: Date | null;
  readonly otpResendAfter: Date | null;
  readonly otpWrong: number;
  readonly otpSends: number;
  readonly messageIds: readonly string[];
  readonly resendIds: readonly string[];
  /** The relying party that its session will be bound to; null: the pages. */
  readonly relyingPartyId: string | null;
}

/** The names of these columns, for SELECT and RETURNING. */
export const identificationColumns = `id, "citizenId", kind, "passwordId", "requestId", "expiresAt", "finishedAt", "finishedBy",
  outcome, "otpNumber", "otpKeyId", "otpExpiresAt", "otpResendAfter", "otpWrong", "otpSends", "messageIds", "resendIds",
  "relyingPartyId"`;

/** Locks the row of an identification, and reads it. */
export const lockIdentification = (id: string) => ({
  name: 'lock-identification',
  text: `SELECT ${identificationColumns} FROM "Journey" WHERE id = $1 AND ${isIdentification} FOR UPDATE`,
  values: [id],
});

export const stateOf = (row: Omit<IdentificationRow, 'kind'>): Identification => ({
  expiresAtMs: row.expiresAt.getTime(),
  outcome: row.outcome,
  otpExpiresAtMs: row.otpExpiresAt?.getTime() ?? 0,
  resendAfterMs: row.otpResendAfter?.getTime() ?? 0,
  wrong: row.otpWrong,
  sends: row.otpSends,
});

/** The view of an identification at an instant, the same as that of a journey of the workflow. */
export function identificationView(
  row: Omit<IdentificationRow, 'kind'> & { readonly kind: JourneyKind },
  rules: IdentificationRules,
  policy: Policy,
  nowMs: number,
): JourneyView {
  const { tolerated, maxSends } = rules.limits(policy).otp;
  const state = stateOf(row);
  const outcome = outcomeAt(state, nowMs);
  return {
    id: row.id,
    kind: row.kind,
    step: outcome === null ? rules.step : outcome === rules.outcome ? 'done' : 'ended',
    outcome,
    ...(outcome === null && {
      otp: {
        expiresAtMs: state.otpExpiresAtMs,
        resendAfterMs: state.resendAfterMs,
        attemptsLeft: Math.max(0, tolerated - state.wrong),
        sendsLeft: Math.max(0, maxSends - state.sends),
      },
    }),
    expiresAtMs: state.expiresAtMs,
  };
}

/**
 * Audits a refused entry. `reason`: why it was not compared; such an entry costs its sender nothing, so it is audited once for
 * each code and reason, and a wrong one once a message.
 */
export const otpRefusedStatement = (
  { citizenId, otpNumber }: Pick<IdentificationRow, 'citizenId' | 'otpNumber'>,
  { id, messageId, requestId }: Pick<IdentificationEntry, 'id' | 'messageId' | 'requestId'>,
  reason?: Extract<AuditEvent, { type: 'otp-refused' }>['reason'],
) =>
  auditStatement(
    { type: 'otp-refused', ...(reason && { reason }) },
    { id: reason ? `${id}/${otpNumber}/${reason}` : messageId, citizenId, journeyId: id, requestId },
  );

/** Reserves the SMS of a code: its row is sent by this process once the transaction is committed. */
export const insertOtpSms = (
  { id, citizenId, kind }: Pick<IdentificationRow, 'id' | 'citizenId' | 'kind'>,
  number: number,
  allowance: string | null,
): QueryConfig => ({
  name: 'insert-otp-sms',
  text: `
    INSERT INTO "Text" (id, "citizenId", "journeyId", number, allowance, purpose, delivery)
    VALUES ($1, $2::uuid, $3, $4, $5, $6, 'pending')`,
  values: [`${id}/${number}`, citizenId, id, number, allowance, `otp.${kind}`],
});
