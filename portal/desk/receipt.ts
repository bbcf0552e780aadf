import { z } from 'zod';
import { lengthMs } from '../../domain/durations.ts';
import { languages } from '../../domain/languages.ts';
import { receiptLife } from '../../domain/limits.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import type { PageRequest } from '../page-request/page-request.ts';

const receiptSchema = z.object({
  language: z.enum(languages),
  activationCode: z.string(),
  issuedAt: z.string(),
  nationalId: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
});

/** The content of a receipt. That of a regenerated code has no name, email or phone: none was declared. */
export type Receipt = z.infer<typeof receiptSchema>;

const sealedSchema = z.object({ receipt: receiptSchema, untilMs: z.number() });

/** Encrypts a receipt for a hidden field: the server stores nothing, and only the same officer's desk can open it. */
export const sealReceipt = (page: PageRequest, officeKey: string, receipt: Receipt): string =>
  page.sealReceiptField(tokenDigest(officeKey), { receipt, untilMs: Date.now() + lengthMs(receiptLife) });

/** Decrypts the submitted receipt; undefined if it was not sealed here for this officer, or is too old. */
export function openReceipt(page: PageRequest, officeKey: string): Receipt | undefined {
  const { data } = sealedSchema.safeParse(page.openReceiptField('receipt', tokenDigest(officeKey)));
  return data && data.untilMs > Date.now() ? data.receipt : undefined;
}
