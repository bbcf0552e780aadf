import type { Request } from 'express';
import { z } from 'zod';
import { resultOf } from '../../client/call-result.ts';
import { bearer, type Problem } from '../../client/client.ts';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { certificateProfiles } from '../../domain/certificates/profiles.ts';
import type { SealedBox } from '../../web/http/sealed-box.ts';
import { readSealedEntry } from '../../web/http/sealed-cookie.ts';
import { endSession } from './bound-session.ts';
import type { Flow } from './flow.ts';
import { type CertificateFailure, certificateVisitCookie } from './flow-cookies.ts';
import { addressOfRequest } from './identification-request.ts';
import { offeredMeans, usableMeans } from './offered-means.ts';
import { isOpaqueId } from './opaque-id.ts';
import { flowTimeLimit } from './time-limit.ts';

/**
 * Sends the browser to the certificate listener, with a ticket whose token only this browser's cookie has: a code that comes
 * back is worth nothing in another browser.
 */
export async function beginCertificate(flow: Flow): Promise<void> {
  const { page, request } = flow;
  const header = { 'Idempotency-Key': page.idempotencyKey('gateway-certificate', request.id) };
  const issued = await resultOf(
    page.api.POST('/certificate-tickets', {
      body: { returnUrl: page.certificateReturnUrl, purpose: 'identification' },
      params: { header },
    }),
    page.language,
  );
  if (!issued.ok) return flow.goToErrors('sign-in', [{ text: issued.problem.detail }]);
  const { id: ticket, token, url, olderCardUrl } = issued.data;
  page.keepCertificateVisit(ticket, request.id);
  flow.keep({ certificate: { ticket, token, olderCardUrl }, errors: undefined, notice: undefined });
  page.redirect(url);
}

const returned = z.object({
  ticket: z.string().refine(isOpaqueId),
  code: z.string().max(200).optional().catch(undefined),
});

/**
 * Where a browser that comes back from the listener goes on: below the address of its identification, where the cookies of the
 * protocol are sent. Undefined: another browser's visit, or one long over.
 */
export function addressOfReturn(request: Request, sealedBox: SealedBox): string | undefined {
  const { data } = returned.safeParse(request.query);
  const id = data && readSealedEntry(certificateVisitCookie, data.ticket, request, sealedBox);
  if (!id) return undefined;
  const { ticket, code } = data;
  const query = new URLSearchParams({ ticket, ...(code !== undefined && { code }) });
  return `${addressOfRequest(id)}/certificate/return?${query}`;
}

/**
 * The browser comes back from the listener. With a code the certificate is redeemed, and the address with the code left at once;
 * without one the API is asked for the reason, since anybody can write one into an address. A repetition finds what the first
 * one left.
 */
export async function returnFromCertificate(flow: Flow, request: Request): Promise<void> {
  const { page, state } = flow;
  const { data: { ticket, code } = {} } = returned.safeParse(request.query);
  const visit = state.certificate;
  // Redeemed already, or another visit was begun since.
  if (!visit || visit.ticket !== ticket)
    return flow.goTo(state.session ? '/confirmation' : visit ? '/certificate' : '');
  const key =
    code === undefined
      ? page.idempotencyKey('certificate-refusal')
      : page.sameIdempotencyKey('redeem', ticket, code);
  const redeemed = await resultOf(
    page.api.POST('/certificate-tickets/{id}/redemptions', {
      body: code === undefined ? {} : { code },
      params: { path: { id: ticket }, header: { 'Idempotency-Key': key } },
      headers: bearer(visit.token),
    }),
    page.language,
  );
  if (!redeemed.ok) return refuse(flow, failureOf(redeemed.problem));
  const { certificateToken, profile } = redeemed.data;
  // One that the citizen had opened with the password before: nobody could end it after this.
  await endSession(flow);
  proceed(flow, certificateToken, certificateProfiles[profile].means);
}

/** To the confirmation; or, if what was presented is not what was asked for, to the first page. */
function proceed(flow: Flow, token: string, means: 'certificate' | 'dnie'): void {
  const { request, state } = flow;
  const left = { certificate: undefined, journey: undefined, errors: undefined };
  if (usableMeans(offeredMeans(request, state.insufficient)).includes(means)) {
    flow.keep({ ...left, notice: undefined, session: { token, means, previousAccess: null } });
    return void flow.goTo('/confirmation');
  }
  flow.keep({ ...left, notice: 'step-up', insufficient: [...(state.insufficient ?? []), means] });
  flow.goTo('');
}

function refuse(flow: Flow, refusal: CertificateFailure): void {
  const { certificate } = flow.state;
  if (certificate) flow.keep({ certificate: { ...certificate, refusal } });
  flow.goTo('/certificate');
}

function failureOf({ code, status, reason }: Problem): CertificateFailure {
  if (status === 503 || status === 429) return 'unavailable';
  const refusal = certificateRefusals.find((one) => code === 'certificate-refused' && one === reason);
  return refusal ?? 'ended';
}

/** Why the certificate was refused and what to do; or, who has come back without an answer, how to begin anew. */
export function renderCertificate(flow: Flow): void {
  const { certificate } = flow.state;
  if (!certificate) return void flow.goTo('');
  const { refusal, olderCardUrl } = certificate;
  flow.page.permitFormsToCertificates();
  flow.render('flow/certificate.njk', {
    refusal,
    // The same visit goes on at the other listener.
    olderCardUrl: refusal === 'none-sent' && olderCardUrl,
    otherMeansAt: flow.addressOf(''),
    timeLimit: flowTimeLimit(flow),
  });
}
