import type { QueryConfig, QueryResultRow } from 'pg';
import { after } from '../../domain/durations.ts';
import type { IdentificationLimits, IdentificationRules } from '../../domain/identification.ts';
import type { IdentificationKind, Proof } from '../../domain/journeys.ts';
import type { RawTransaction } from '../../platform/database.ts';
import { auditStatement } from '../../records/audit.ts';
import { endIdentificationsStatement, isIdentification } from '../../records/identifications.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { type IdentificationRow, identificationColumns, insertOtpSms } from './identification-rows.ts';
import { blockedUntilMs, type OtpCounts, readOtpCounts, takeAllowance } from './otp-limits.ts';

/** An identification to be opened for a password that was right, and whose row is locked. */
interface IdentificationOpening {
  readonly id: string;
  readonly citizenId: string;
  readonly kind: IdentificationKind;
  readonly passwordId: string;
  readonly tokenDigest: string;
  readonly requestId: string;
  /** The relying party that its session will be bound to; null: the pages. */
  readonly relyingPartyId: string | null;
}

/** Opened, or found as an earlier attempt of the same request opened it; or no SMS may be sent until an instant (ms). */
export type OpenedIdentification =
  | {
      readonly kind: 'opened';
      readonly row: IdentificationRow;
      readonly phone: string | null;
      /** Whether its SMS is still to be sent by this process. */
      readonly isNew: boolean;
    }
  | { readonly kind: 'too-many'; readonly retryAtMs: number };

/**
 * Opens an identification in the transaction of the caller, which holds the lock of the citizen's password: it ends the
 * one of the same kind and relying party before it (docs/adr/0048), takes an SMS from the phone's allowance and reserves its
 * first code. The caller's transaction ends with it.
 */
export async function openIdentification(
  tx: RawTransaction,
  rules: IdentificationRules,
  opening: IdentificationOpening,
  dependencies: Pick<ApiDependencies, 'ring' | 'policy' | 'clock'>,
): Promise<OpenedIdentification> {
  const { id, citizenId, kind, requestId, relyingPartyId } = opening;
  const { proof } = rules;
  const limits = rules.limits(dependencies.policy);
  const [{ rows }, , counts] = await tx.queryAll<
    [FoundIdentification, QueryResultRow, OtpCounts & QueryResultRow]
  >([
    findStatement(opening),
    // Before the allowance, as every transaction that takes from it locks its identification first.
    lockOpenStatement(opening),
    readOtpCounts(citizenId, proof),
  ]);
  const [found] = rows;
  if (!found) throw new Error('a password without a citizen');
  const { phone } = found;
  if (found.isKnown) return { kind: 'opened', row: found, phone, isNew: false };

  const nowMs = dependencies.clock.now();
  const untilMs = blockedUntilMs(counts.rows[0], limits, nowMs);
  const allowance =
    untilMs === undefined
      ? await takeAllowance(tx, dependencies.ring, limits, { phone, proof }, nowMs)
      : { retryAtMs: untilMs };
  if ('retryAtMs' in allowance) {
    const event = { type: 'sign-in-refused', reason: 'texts-used-up' } as const;
    await tx.commitWith(auditStatement(event, { id: requestId, citizenId, requestId }));
    return { kind: 'too-many', retryAtMs: allowance.retryAtMs };
  }
  const begun = { type: 'journey-begun', kind } as const;
  const [, inserted] = await tx.commitWithAll<[QueryResultRow, IdentificationRow]>([
    endIdentificationsStatement(citizenId, 'superseded', new Date(nowMs), { kind, relyingPartyId }),
    insertStatement(opening, { proof, limits, nowMs }, dependencies.ring),
    insertOtpSms(opening, 1, allowance.key),
    auditStatement(begun, { id, citizenId, journeyId: id, requestId }),
  ]);
  const [row] = inserted.rows;
  if (!row) throw new Error('the identification was not inserted');
  return { kind: 'opened', row, phone, isNew: true };
}

type FoundIdentification = IdentificationRow & { readonly phone: string | null; readonly isKnown: boolean };

/** The phone of the citizen, with the identification if an earlier attempt of the same request opened it. */
const findStatement = ({ id, citizenId }: IdentificationOpening): QueryConfig => ({
  name: 'find-identification',
  text: `SELECT citizen.phone, journey.id IS NOT NULL AS "isKnown", journey.*
    FROM "Citizen" citizen LEFT JOIN (SELECT ${identificationColumns} FROM "Journey" WHERE id = $2) journey ON true
    WHERE citizen.id = $1::uuid`,
  values: [citizenId, id],
});

const lockOpenStatement = ({ citizenId, kind, relyingPartyId }: IdentificationOpening): QueryConfig => ({
  name: 'lock-open-identifications',
  text: `SELECT 1 FROM "Journey"
    WHERE "citizenId" = $1::uuid AND kind = $2 AND "relyingPartyId" IS NOT DISTINCT FROM $3 AND ${isIdentification}
      AND "finishedAt" IS NULL FOR UPDATE`,
  values: [citizenId, kind, relyingPartyId],
});

function insertStatement(
  { id, citizenId, kind, passwordId, tokenDigest, requestId, relyingPartyId }: IdentificationOpening,
  { proof, limits: { life, otp }, nowMs }: { proof: Proof; limits: IdentificationLimits; nowMs: number },
  ring: ApiDependencies['ring'],
) {
  const expiresAtMs = after(nowMs, life);
  return {
    name: 'insert-identification',
    text: `
      INSERT INTO "Journey" (id, "citizenId", kind, proof, "passwordId", "tokenDigest", "requestId", "startedAt", "expiresAt",
        "otpNumber", "otpKeyId", "otpExpiresAt", "otpResendAfter", "otpSends", "relyingPartyId")
      VALUES ($1, $2::uuid, $3, $4, $5::uuid, $6, $7::uuid, $8, $9, 1, $10, $11, $12, 1, $13)
      RETURNING ${identificationColumns}`,
    values: [
      id,
      citizenId,
      kind,
      proof,
      passwordId,
      tokenDigest,
      requestId,
      new Date(nowMs),
      new Date(expiresAtMs),
      ring.currentKeyId,
      new Date(Math.min(after(nowMs, otp.life), expiresAtMs)),
      new Date(after(nowMs, otp.resendAfter)),
      relyingPartyId,
    ],
  };
}
