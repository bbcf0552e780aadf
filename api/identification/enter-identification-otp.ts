import { timingSafeEqual } from 'node:crypto';
import { exceedsGuesses, isOtpVoid, outcomeAt } from '../../domain/identification.ts';
import type { IdentificationKind } from '../../domain/journeys.ts';
import { withRawTransaction } from '../../platform/database.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { auditStatement } from '../../records/audit.ts';
import { countOtpEntry, uncountOtpEntry } from '../../records/otp-counts.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { completeIdentification, finishIdentification } from './complete-identification.ts';
import {
  type IdentificationRow,
  identificationColumns,
  lockIdentification,
  proofOf,
  stateOf,
} from './identification-rows.ts';
import { otpBlockedUntilMs, otpCountLimits } from './otp-limits.ts';
import type { StoredSession } from './sessions.ts';

/** One entry of the SMS code of an identification. */
export interface IdentificationEntry {
  readonly id: string;
  readonly otp: string;
  /** Derived from the response randomness: a repetition of the request is the same message. */
  readonly messageId: string;
  readonly requestId: string;
  readonly session: { readonly sessionId: string; readonly tokenDigest: string };
}

export type IdentificationOutcome =
  | { readonly kind: 'accepted'; readonly row: IdentificationRow; readonly session: StoredSession }
  /** Wrong, or the code in force is void. */
  | { readonly kind: 'refused'; readonly row: IdentificationRow }
  /** It had an outcome already, or what it began with is no longer in force. */
  | { readonly kind: 'over'; readonly row: IdentificationRow }
  | { readonly kind: 'too-many'; readonly retryAtMs: number };

type Dependencies = Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>;

/**
 * Takes an entry of the SMS code. It is counted as wrong, and that is committed, before it is compared: however many
 * entries arrive at once, on however many processes, no more are compared than the limits allow. The right one takes its
 * count back in the transaction that opens the session. A repetition of the same message counts no second time.
 */
export async function enterIdentificationOtp(
  entry: IdentificationEntry,
  dependencies: Dependencies,
): Promise<IdentificationOutcome> {
  const counted = await countEntry(entry, dependencies);
  if (counted.kind !== 'counted') return counted;
  const { row } = counted;
  if (!isRight(row, entry.otp, dependencies)) return refuse(row, entry, dependencies);
  try {
    return await completeIdentification(row, entry, dependencies);
  } catch (error) {
    // It will be answered 503, and was no guess. If this fails as well, the count stays and the repetition adds none.
    await uncount(row, entry, dependencies).catch(() => {});
    throw error;
  }
}

type NotAccepted = Exclude<IdentificationOutcome, { kind: 'accepted' }>;
type Counted = { readonly kind: 'counted'; readonly row: IdentificationRow };

const countEntry = (
  { id, messageId }: IdentificationEntry,
  { db, policy, clock }: Dependencies,
): Promise<Counted | NotAccepted> =>
  withRawTransaction<IdentificationRow, Counted | NotAccepted>(
    db,
    lockIdentification(id),
    async (tx, [row]) => {
      if (!row) throw new Error('no such identification');
      const nowMs = clock.now();
      if (outcomeAt(stateOf(row), nowMs)) return { kind: 'over', row };
      // A repetition: counted already, and judged again while its code is in force.
      if (row.messageIds.includes(messageId))
        return { kind: nowMs > stateOf(row).otpExpiresAtMs ? 'refused' : 'counted', row };
      if (isOtpVoid(stateOf(row), policy.otp, nowMs)) return { kind: 'refused', row };
      const limits = otpCountLimits(policy, nowMs);
      const counted = await tx.query(countOtpEntry(row.citizenId, proofOf(row), limits, nowMs));
      if (counted.rowCount === 0)
        return {
          kind: 'too-many',
          retryAtMs:
            (await otpBlockedUntilMs(tx, row.citizenId, proofOf(row), policy, nowMs)) ??
            limits.periodEndsAtMs,
        };
      const { rows } = await tx.commitWith<IdentificationRow>({
        name: 'count-identification-entry',
        text: `UPDATE "Journey" SET "otpWrong" = "otpWrong" + 1, "messageIds" = "messageIds" || $2::uuid
          WHERE id = $1 RETURNING ${identificationColumns}`,
        values: [id, messageId],
      });
      return { kind: 'counted', row: rows[0] ?? row };
    },
  );

/** Compares in constant time. The digits are derived again; a key that has left the ring makes every entry wrong. */
function isRight(
  { id, kind, otpNumber, otpKeyId }: IdentificationRow,
  otp: string,
  { ring }: Dependencies,
): boolean {
  if (!otpKeyId || !ring.has(otpKeyId)) return false;
  const digits = otpDigits(
    ring,
    { journeyId: id, kind: kind as IdentificationKind, number: otpNumber },
    otpKeyId,
  );
  return digits.length === otp.length && timingSafeEqual(Buffer.from(digits), Buffer.from(otp));
}

/** Audits a wrong entry; the one beyond those tolerated ends the identification. */
async function refuse(
  row: IdentificationRow,
  { messageId, requestId }: IdentificationEntry,
  { db, policy, clock }: Dependencies,
): Promise<IdentificationOutcome> {
  const { id, citizenId } = row;
  const refused = auditStatement(
    { type: 'otp-refused' },
    { id: messageId, citizenId, journeyId: id, requestId },
  );
  if (!exceedsGuesses(row.otpWrong, policy.otp)) {
    await db.pool.query(refused);
    return { kind: 'refused', row };
  }
  return withRawTransaction<IdentificationRow, IdentificationOutcome>(
    db,
    lockIdentification(id),
    async (tx, [current]) => {
      await tx.query(refused);
      if (!current || current.finishedAt) return { kind: 'over', row: current ?? row };
      const ended = await finishIdentification(tx, current, {
        outcome: 'too-many-otps',
        messageId,
        atMs: clock.now(),
      });
      return { kind: 'refused', row: ended };
    },
  );
}

const uncount = (
  row: IdentificationRow,
  { id, messageId }: IdentificationEntry,
  { db }: Dependencies,
): Promise<void> =>
  withRawTransaction<IdentificationRow, void>(db, lockIdentification(id), async (tx, [current]) => {
    // The transaction may have been committed although its result was lost.
    if (!current || current.finishedAt || !current.messageIds.includes(messageId)) return;
    await tx.query(uncountOtpEntry(row.citizenId, proofOf(row)));
    await tx.commitWith({
      text: `UPDATE "Journey" SET "otpWrong" = greatest("otpWrong" - 1, 0), "messageIds" = array_remove("messageIds", $2::uuid)
        WHERE id = $1`,
      values: [id, messageId],
    });
  });
