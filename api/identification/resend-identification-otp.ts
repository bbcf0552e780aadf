import { after } from '../../domain/durations.ts';
import {
  exceedsGuesses,
  type IdentificationRules,
  outcomeAt,
  type ResendBlock,
  resendBlock,
} from '../../domain/identification.ts';
import { type RawTransaction, withRawTransaction } from '../../platform/database.ts';
import { auditStatement } from '../../records/audit.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import { finishIdentification } from './complete-identification.ts';
import {
  type IdentificationRow,
  identificationColumns,
  insertOtpSms,
  lockIdentification,
  stateOf,
} from './identification-rows.ts';
import { otpsBlockedUntilMs, takeAllowance } from './otp-limits.ts';

type ResentOtp =
  /** `isNew`: whether its SMS is still to be sent by this process. */
  | { readonly kind: 'sending'; readonly row: IdentificationRow; readonly isNew: boolean }
  | { readonly kind: 'over'; readonly row: IdentificationRow }
  | { readonly kind: 'too-many'; readonly retryAtMs: number };

interface OtpResend {
  readonly id: string;
  readonly phone: string | null;
  readonly messageId: string;
  readonly requestId: string;
}

/**
 * Puts a further SMS code in place of the one before: it takes an SMS from the phone's allowance and reserves the row.
 * Wrong entries stay counted. A repetition of the same message finds that it is done.
 */
export const resendIdentificationOtp = (
  rules: IdentificationRules,
  resend: OtpResend,
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
): Promise<ResentOtp> =>
  withRawTransaction<IdentificationRow, ResentOtp>(
    dependencies.db,
    lockIdentification(resend.id),
    async (tx, [row]) => {
      if (!row) throw new Error('no such identification');
      const { ring, policy, clock } = dependencies;
      const { id, phone, messageId } = resend;
      const limits = rules.limits(policy);
      const nowMs = clock.now();
      if (outcomeAt(stateOf(row), nowMs)) return { kind: 'over', row };
      if (row.resendIds.includes(messageId)) return { kind: 'sending', row, isNew: false };
      // The process that counted the last guess died before it wrote the end: no code could be entered any more.
      if (exceedsGuesses(row.otpWrong, limits.otp)) {
        const end = { outcome: 'too-many-otps', messageId, atMs: nowMs } as const;
        return { kind: 'over', row: await finishIdentification(tx, row, end) };
      }
      const { proof } = rules;
      const block =
        resendBlock(stateOf(row), limits.otp, nowMs) ??
        blockOf('wrong-otps', await otpsBlockedUntilMs(tx, row.citizenId, proof, limits, nowMs));
      if (block) return refuseResend(tx, row, resend, block);
      const allowance = await takeAllowance(tx, ring, limits, { phone, proof }, nowMs);
      if ('retryAtMs' in allowance)
        return refuseResend(tx, row, resend, { limit: 'texts', untilMs: allowance.retryAtMs });
      const [{ rows }] = await tx.commitWithAll<[IdentificationRow]>([
        {
          name: 'replace-identification-otp',
          text: `
          UPDATE "Journey" SET "otpNumber" = "otpNumber" + 1, "otpSends" = "otpSends" + 1, "otpKeyId" = $2,
            "otpExpiresAt" = least($3::timestamptz, "expiresAt"), "otpResendAfter" = $4, "messageIds" = '{}', "resendIds" = "resendIds" || $5::uuid
          WHERE id = $1 RETURNING ${identificationColumns}`,
          values: [
            id,
            ring.currentKeyId,
            new Date(after(nowMs, limits.otp.life)),
            new Date(after(nowMs, limits.otp.resendAfter)),
            messageId,
          ],
        },
        insertOtpSms(row, row.otpNumber + 1, allowance.key),
      ]);
      return { kind: 'sending', row: rows[0] ?? row, isNew: true };
    },
  );

const blockOf = (limit: ResendBlock['limit'], untilMs: number | undefined): ResendBlock | undefined =>
  untilMs === undefined ? undefined : { limit, untilMs };

/** 429: audited once for each identification and limit, however often it is asked. */
async function refuseResend(
  tx: RawTransaction,
  { id, citizenId, kind }: IdentificationRow,
  { requestId }: OtpResend,
  { limit, untilMs }: ResendBlock,
): Promise<ResentOtp> {
  const event = { type: 'limit-reached', limit, kind } as const;
  await tx.commitWith(auditStatement(event, { id: `${id}/${limit}`, citizenId, journeyId: id, requestId }));
  return { kind: 'too-many', retryAtMs: untilMs };
}
