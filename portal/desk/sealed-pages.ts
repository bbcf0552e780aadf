import { z } from 'zod';
import { lengthMs } from '../../domain/durations.ts';
import { type Language, languages } from '../../domain/languages.ts';
import { receiptLife } from '../../domain/limits.ts';
import { newNonce } from '../../web/http/sealed-box.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import type { Desk } from './desk-session.ts';

const language = z.enum(languages);

const declaredSchema = z.object({
  nationalId: z.string(),
  givenName: z.string(),
  firstSurname: z.string(),
  secondSurname: z.string(),
  email: z.string(),
  phone: z.string(),
  language,
});

/** What is declared at a registration act, as it was typed. */
export type Declared = z.infer<typeof declaredSchema>;

const receiptSchema = z.object({
  language,
  activationCode: z.string(),
  issuedAt: z.string(),
  nationalId: z.string(),
  name: z.string().optional(),
  /** Absent on the receipt of a regenerated code: nothing was declared. */
  declared: z.object({ email: z.string(), phone: z.string() }).optional(),
});

/** The content of a receipt. */
export type Receipt = z.infer<typeof receiptSchema>;

/** What the pages of the desk show that may be in no address: by the kind of page. */
const contentSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('registration'),
    declared: declaredSchema,
    /** Of a reviewed act: the citizen whom it concerns, and what it replaces. */
    known: z
      .object({ status: z.string(), replaces: z.array(z.string()) })
      .nullable()
      .optional(),
    /** Of a reviewed act: another citizen, who has not confirmed the phone, loses it. */
    takesPhone: z.boolean().optional(),
  }),
  z.object({
    kind: z.literal('citizen'),
    nationalId: z.string(),
    /** As the look-up told it; absent if there was none, because the session or the API was away. */
    name: z.string().optional(),
    /** Of a suspension, kept over a new sign-in. */
    reason: z.string().optional(),
  }),
  z.object({ kind: z.literal('suspended'), nationalId: z.string(), name: z.string().optional() }),
  /** `again`: after an act that replaced another. */
  z.object({ kind: z.literal('code'), receipt: receiptSchema, again: z.boolean().optional() }),
]);
type Content = z.infer<typeof contentSchema>;
type Kind = Content['kind'];

const sealedSchema = z.object({ officerId: z.string(), untilMs: z.number(), content: contentSchema });

/**
 * Seals the content of a page in a cookie of its own, for this officer and for an hour, and returns its id, which is all
 * that the address contains: a reload, the back button and another language show the same page, and the server stores
 * nothing. Returns undefined if the content is too large for a cookie.
 */
export function sealPage(
  page: PageRequest,
  { officer }: Pick<Desk, 'officer'>,
  content: Content,
  id = newNonce(),
): string | undefined {
  const untilMs = Date.now() + lengthMs(receiptLife);
  return page.writeEntry('deskPage', id, { officerId: officer.id, untilMs, content }) ? id : undefined;
}

/** Opens the content of a page; undefined if it is of another officer or kind, too old, or not of this browser. */
export function openPage<Of extends Kind>(
  page: PageRequest,
  { officer }: Pick<Desk, 'officer'>,
  kind: Of,
  id: unknown,
): Extract<Content, { kind: Of }> | undefined {
  const { data } = sealedSchema.safeParse(page.readEntry('deskPage', String(id)));
  if (!data || data.officerId !== officer.id || data.untilMs < Date.now()) return undefined;
  const { content } = data;
  return content.kind === kind ? (content as Extract<Content, { kind: Of }>) : undefined;
}

/** The address of a page that `sealPage` has sealed; that of the desk if there is none. */
export const redirectToSealed = (page: PageRequest, path: string, id: string | undefined): void =>
  page.redirect(`/${page.language}/desk${id ? `/${path}/${id}` : ''}`);

/** The language that a form field names. */
export const languageOf = (text: string): Language | undefined => languages.find((one) => one === text);
