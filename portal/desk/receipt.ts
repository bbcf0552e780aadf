import { z } from 'zod';
import { languages } from '../../domain/languages.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import type { Visitor } from '../visitor/visitor.ts';

const shape = z.object({
  language: z.enum(languages),
  activationCode: z.string(),
  issuedAt: z.string(),
  nationalId: z.string(),
  name: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
});

/** What a receipt says. Without a name it is that of a code regenerated, for which nothing was declared. */
export type Receipt = z.infer<typeof shape>;

// The page that shows the code offers the receipt; nobody prints one a day later.
const goodForMs = 60 * 60_000;
const sealed = z.object({ receipt: shape, untilMs: z.number() });

/** A receipt's content for the form that asks for the document: nothing is kept here, and only this officer can open it. */
export const sealReceipt = (visitor: Visitor, officeKey: string, receipt: Receipt): string =>
  visitor.sealField(tokenDigest(officeKey), { receipt, untilMs: Date.now() + goodForMs });

/** The content that came back; undefined if it is not ours, not this officer's, or too old. */
export function openReceipt(visitor: Visitor, officeKey: string): Receipt | undefined {
  const { data } = sealed.safeParse(visitor.openSealedField('receipt', tokenDigest(officeKey)));
  return data && data.untilMs > Date.now() ? data.receipt : undefined;
}
