import type { Response } from 'express';
import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { after } from '../../domain/durations.ts';
import { receiptLife } from '../../domain/limits.ts';
import type { EntryValue } from '../page-request/cookies.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import { type IssuingAct, issuedTitles } from './acts.ts';

interface Issued {
  readonly act: IssuingAct;
  /** The Bearer that did the act, with which its receipt is read. */
  readonly token: string;
  readonly activationCode?: string;
  readonly dueAt?: string;
  readonly receipt?: { readonly id: string } | undefined;
}

/** Keeps what an act has issued in this browser, sealed, for an hour, and shows it: a reload shows it again. */
export function keepIssued(page: PageRequest, { receipt, ...issued }: Issued): void {
  const id = receipt?.id ?? 'without-receipt';
  const until = after(Date.now(), receiptLife);
  page.writeEntry('issued', id, { ...issued, until });
  page.redirect(`/${page.language}/certificate/issued/${id}`);
}

/** What was issued under an id, while it can be shown. */
function issuedOf(page: PageRequest, id: string): EntryValue<'issued'> | undefined {
  const issued = page.readEntry('issued', id);
  return issued && issued.until > Date.now() ? issued : undefined;
}

/** The activation code, or the end of the five years, with the link to the receipt. */
export function renderIssued(page: PageRequest, id: string): void {
  const found = issuedOf(page, id);
  if (!found) return void page.render('certificate/lost.njk', { isIssued: true }, 404);
  const { token: _, ...issued } = found;
  page.render('certificate/issued.njk', { id, issued, title: page.t(issuedTitles[issued.act]) });
}

/** The receipt, as the API seals it. */
export async function readIssuedReceipt(page: PageRequest, id: string, response: Response): Promise<void> {
  const issued = issuedOf(page, id);
  if (!issued) return page.render('certificate/lost.njk', { isIssued: true }, 404);
  const receipt = await resultOf(
    page.api.GET('/receipts/{id}', {
      params: { path: { id } },
      headers: bearer(issued.token),
      parseAs: 'arrayBuffer',
    }),
    page.language,
  );
  if (!receipt.ok)
    return receipt.problem.status === 404
      ? page.render('certificate/lost.njk', { isIssued: true }, 404)
      : page.render('layout/unavailable.njk', {}, receipt.problem.status);
  response
    .type('application/pdf')
    .set('Content-Disposition', 'inline; filename="clave.pdf"')
    .send(Buffer.from(receipt.data as unknown as ArrayBuffer));
}
