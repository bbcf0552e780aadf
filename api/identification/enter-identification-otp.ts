import { timingSafeEqual } from 'node:crypto';
import {
  exceedsGuesses,
  type IdentificationRules,
  outcomeAt,
  whyOtpIsVoid,
} from '../../domain/identification.ts';
import { withRawTransaction } from '../../platform/database.ts';
import { otpDigits } from '../../platform/one-time-passwords.ts';
import { countOtpEntry, uncountOtpEntry } from '../../records/otp-counts.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { completeIdentification, finishIdentification } from './complete-identification.ts';
import type { IdentificationKindRules } from './identification-kinds.ts';
import {
  type IdentificationEntry,
  type IdentificationOutcome,
  type IdentificationRow,
  identificationColumns,
  lockIdentification,
  otpRefusedStatement,
  stateOf,
} from './identification-rows.ts';
import { otpCountLimits, otpsBlockedUntilMs } from './otp-limits.ts';

type Dependencies = Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>;

/**
 * Takes an entry of the SMS code of an identification of this kind. It is counted as wrong, and that is committed, before
 * it is compared: however many entries arrive at once, on however many processes, no more are compared than the limits
 * allow. The right one takes its count back in the transaction that opens the session. A repetition of the same message
 * counts no second time.
 */
export async function enterIdentificationOtp<Opened>(
  rules: IdentificationKindRules<Opened>,
  entry: IdentificationEntry,
  dependencies: Dependencies,
): Promise<IdentificationOutcome<Opened>> {
  const counted = await countEntry(rules, entry, dependencies);
  if (counted.kind !== 'counted') return counted;
  const { row } = counted;
  if (!isRight(row, entry.otp, dependencies)) return refuse(row, rules, entry, dependencies);
  try {
    return await completeIdentification(row, rules, entry, dependencies);
  } catch (error) {
    // It will be answered 503, and was no guess. If this fails as well, the count stays and the repetition adds none.
    await uncount(row, rules, entry, dependencies).catch(() => {});
    throw error;
  }
}

type NotAccepted = Exclude<IdentificationOutcome<never>, { kind: 'accepted' }>;
type Counted = { readonly kind: 'counted'; readonly row: IdentificationRow };

const countEntry = (
  rules: IdentificationRules,
  entry: IdentificationEntry,
  { db, policy, clock }: Dependencies,
): Promise<Counted | NotAccepted> =>
  withRawTransaction<IdentificationRow, Counted | NotAccepted>(
    db,
    lockIdentification(entry.id),
    async (tx, [row]) => {
      if (!row) throw new Error('no such identification');
      const { id, citizenId } = row;
      const { messageId } = entry;
      const { proof } = rules;
      const limits = rules.limits(policy);
      const nowMs = clock.now();
      // Out of step: nothing is written.
      if (row.finishedAt) return { kind: 'over', row };
      if (outcomeAt(stateOf(row), nowMs)) {
        await tx.commitWith(otpRefusedStatement(row, entry, 'expired'));
        return { kind: 'over', row };
      }
      const isRepetition = row.messageIds.includes(messageId);
      const reason = whyOtpIsVoid(stateOf(row), limits.otp, nowMs);
      // A repetition was counted already, and is judged again while its code is in force.
      if (isRepetition && reason !== 'expired') return { kind: 'counted', row };
      if (reason) {
        await tx.commitWith(otpRefusedStatement(row, entry, reason));
        return { kind: 'refused', isExpired: true, row };
      }
      const countLimits = otpCountLimits(limits, nowMs);
      const counted = await tx.query(countOtpEntry(citizenId, proof, countLimits, nowMs));
      if (counted.rowCount === 0) {
        const blockedUntilMs = await otpsBlockedUntilMs(tx, citizenId, proof, limits, nowMs);
        await tx.commitWith(otpRefusedStatement(row, entry, 'limit'));
        return { kind: 'too-many', retryAtMs: blockedUntilMs ?? countLimits.periodEndsAtMs };
      }
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
  const digits = otpDigits(ring, { journeyId: id, kind, number: otpNumber }, otpKeyId);
  return digits.length === otp.length && timingSafeEqual(Buffer.from(digits), Buffer.from(otp));
}

/** Audits a wrong entry; the one beyond those tolerated ends the identification. */
async function refuse(
  row: IdentificationRow,
  rules: IdentificationRules,
  entry: IdentificationEntry,
  { db, policy, clock }: Dependencies,
): Promise<NotAccepted> {
  const refused = otpRefusedStatement(row, entry);
  if (!exceedsGuesses(row.otpWrong, rules.limits(policy).otp)) {
    await db.pool.query(refused);
    return { kind: 'refused', isExpired: false, row };
  }
  return withRawTransaction<IdentificationRow, NotAccepted>(
    db,
    lockIdentification(row.id),
    async (tx, [current]) => {
      await tx.query(refused);
      if (!current || current.finishedAt) return { kind: 'over', row: current ?? row };
      const ended = await finishIdentification(tx, current, {
        outcome: 'too-many-otps',
        messageId: entry.messageId,
        atMs: clock.now(),
      });
      return { kind: 'refused', isExpired: false, row: ended };
    },
  );
}

const uncount = (
  row: IdentificationRow,
  { proof }: IdentificationRules,
  { id, messageId }: IdentificationEntry,
  { db }: Dependencies,
): Promise<void> =>
  withRawTransaction<IdentificationRow, void>(db, lockIdentification(id), async (tx, [current]) => {
    // The transaction may have been committed although its result was lost.
    if (!current || current.finishedAt || !current.messageIds.includes(messageId)) return;
    await tx.query(uncountOtpEntry(row.citizenId, proof));
    await tx.commitWith({
      text: `UPDATE "Journey" SET "otpWrong" = greatest("otpWrong" - 1, 0), "messageIds" = array_remove("messageIds", $2::uuid)
        WHERE id = $1`,
      values: [id, messageId],
    });
  });
