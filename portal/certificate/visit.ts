import { resultOf } from '../../client/call-result.ts';
import { bearer } from '../../client/client.ts';
import { submitForm } from '../../web/forms/submit-form.ts';
import type { EntryValue } from '../page-request/cookies.ts';
import type { PageRequest } from '../page-request/page-request.ts';
import type { CertificateAct } from './acts.ts';

/** A visit to the certificate listener, as this browser keeps it: its ticket, and once a certificate was accepted, whose it is. */
export interface CertificateVisit extends EntryValue<'certificate'> {
  readonly id: string;
}

/** The address of a visit, which shows what comes next. */
export const addressOfVisit = (page: PageRequest, id: string): string =>
  `/${page.language}/certificate/${encodeURIComponent(id)}`;

/** The visit that this browser has begun under an id. */
export function visitOf(page: PageRequest, id: string): CertificateVisit | undefined {
  const entry = page.readEntry('certificate', id);
  return entry && { id, ...entry };
}

/** Begins a visit: the API gives a ticket for this browser, which alone can redeem what the listener finds. */
export const beginVisit = (
  page: PageRequest,
  act: CertificateAct,
  onUnavailable: (status: number) => void,
): Promise<void> =>
  submitForm(page, {
    idempotencyParts: ['certificate', act],
    send: (header) =>
      page.api.POST('/certificate-tickets', {
        body: { returnUrl: page.certificateReturnUrl, purpose: 'act' },
        params: { header },
      }),
    onSuccess: ({ id, token, url, olderCardUrl, expiresAt }) => {
      page.writeEntry('certificate', id, { token, url, olderCardUrl, expiresAt, act });
      page.redirect(addressOfVisit(page, id));
    },
    showErrors: (_errors, { status }) => onUnavailable(status),
  });

/**
 * Redeems the single-use code with which the listener sent the browser back. The address with the code is left at once: it is
 * in no history and no log. Without a visit of this browser under that id nothing is asked.
 */
export async function redeemVisit(page: PageRequest, id: string, code: string): Promise<void> {
  const visit = visitOf(page, id);
  if (visit && !visit.holder) {
    const redeemed = await resultOf(
      page.api.POST('/certificate-tickets/{id}/redemptions', {
        body: { code },
        // The same code is the same message: a reload gets the same answer.
        params: {
          path: { id },
          header: { 'Idempotency-Key': page.idempotencyKeyOf('redemption', id, code) },
        },
        headers: bearer(visit.token),
      }),
      page.language,
    );
    const { id: _, ...kept } = visit;
    if (redeemed.ok) {
      const { certificateToken, expiresAt, identity, profile, strong, registered } = redeemed.data;
      const holder = { token: certificateToken, identity, profile, strong, registered };
      page.writeEntry('certificate', id, { ...kept, expiresAt, holder, refusal: undefined });
    } else page.writeEntry('certificate', id, { ...kept, refusal: redeemed.problem.reason ?? 'failed' });
  }
  page.redirect(addressOfVisit(page, id));
}

/** Keeps why the certificate was refused, for the page that says what to do. */
export function keepRefusal(page: PageRequest, id: string, refusal: string): void {
  const visit = visitOf(page, id);
  if (visit && !visit.holder) {
    const { id: _, ...kept } = visit;
    page.writeEntry('certificate', id, { ...kept, refusal });
  }
  page.redirect(addressOfVisit(page, id));
}
