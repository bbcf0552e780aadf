import { after } from '../../domain/durations.ts';
import { outcomeAt, resendBlockedUntilMs } from '../../domain/identification.ts';
import { withRawTransaction } from '../../platform/database.ts';
import type { ApiDependencies } from '../http/dependencies.ts';
import {
  type IdentificationRow,
  identificationColumns,
  insertOtpSms,
  lockIdentification,
  proofOf,
  stateOf,
} from './identification-rows.ts';
import { otpBlockedUntilMs, takeAllowance } from './otp-limits.ts';

export type ResentOtp =
  /** `isNew`: whether its SMS is still to be sent by this process. */
  | { readonly kind: 'sending'; readonly row: IdentificationRow; readonly isNew: boolean }
  | { readonly kind: 'over'; readonly row: IdentificationRow }
  | { readonly kind: 'too-many'; readonly retryAtMs: number };

/**
 * Puts a further SMS code in place of the one before: it takes an SMS from the phone's allowance and reserves the row.
 * Wrong entries stay counted. A repetition of the same message finds that it is done.
 */
export const resendIdentificationOtp = (
  { id, phone, messageId }: { id: string; phone: string | null; messageId: string },
  dependencies: Pick<ApiDependencies, 'db' | 'ring' | 'policy' | 'clock'>,
): Promise<ResentOtp> =>
  withRawTransaction<IdentificationRow, ResentOtp>(
    dependencies.db,
    lockIdentification(id),
    async (tx, [row]) => {
      if (!row) throw new Error('no such identification');
      const { ring, policy, clock } = dependencies;
      const nowMs = clock.now();
      if (outcomeAt(stateOf(row), nowMs)) return { kind: 'over', row };
      if (row.resendIds.includes(messageId)) return { kind: 'sending', row, isNew: false };
      const proof = proofOf(row);
      const blockedUntilMs =
        resendBlockedUntilMs(stateOf(row), policy.otp, nowMs) ??
        (await otpBlockedUntilMs(tx, row.citizenId, proof, policy, nowMs));
      if (blockedUntilMs !== undefined) return { kind: 'too-many', retryAtMs: blockedUntilMs };
      const allowance = await takeAllowance(tx, dependencies, phone, proof, nowMs);
      if ('retryAtMs' in allowance) return { kind: 'too-many', ...allowance };
      await insertOtpSms(tx, row, row.otpNumber + 1, allowance.key);
      const { rows } = await tx.commitWith<IdentificationRow>({
        name: 'replace-identification-otp',
        text: `
          UPDATE "Journey" SET "otpNumber" = "otpNumber" + 1, "otpSends" = "otpSends" + 1, "otpKeyId" = $2,
            "otpExpiresAt" = least($3::timestamptz, "expiresAt"), "otpResendAfter" = $4, "messageIds" = '{}', "resendIds" = "resendIds" || $5::uuid
          WHERE id = $1 RETURNING ${identificationColumns}`,
        values: [
          id,
          ring.currentKeyId,
          new Date(after(nowMs, policy.otp.life)),
          new Date(after(nowMs, policy.otp.resendAfter)),
          messageId,
        ],
      });
      return { kind: 'sending', row: rows[0] ?? row, isNew: true };
    },
  );
