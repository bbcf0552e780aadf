import express from 'express';
import { certificateRefusals } from '../../domain/certificates/certificate-refusals.ts';
import { fullName } from '../../domain/identity/person-name.ts';
import type { FormError } from '../../web/forms/form-errors.ts';
import { readPasswordPolicy } from '../../web/new-password/password-policy.ts';
import { type PageRequest, withPageRequest } from '../page-request/page-request.ts';
import { actTemplates, certificateAct, certificateActs } from './acts.ts';
import { doAct } from './do-act.ts';
import { readIssuedReceipt, renderIssued } from './issued.ts';
import { beginVisit, type CertificateVisit, keepRefusal, redeemVisit, visitOf } from './visit.ts';

const unavailable = (page: PageRequest) => (status: number) =>
  page.render('layout/unavailable.njk', {}, status);

const refusals: readonly string[] = certificateRefusals;

/** What comes next in a visit: the listener, or once the certificate has been accepted, the act. */
async function renderVisit(
  page: PageRequest,
  visit: CertificateVisit,
  { errors = [], broken = [], status = 200 }: ActErrors = {},
): Promise<void> {
  const { act, holder } = visit;
  if (!holder) {
    const refusal = refusals.includes(visit.refusal ?? '') ? visit.refusal : visit.refusal && 'failed';
    return page.render('certificate/presentation.njk', { visit, refusal }, status);
  }
  page.render(
    actTemplates[act],
    {
      act,
      holder,
      name: fullName(holder.identity),
      errors,
      broken,
      values: { email: page.field('email'), phone: page.field('phone'), accept: page.field('accept') },
      username: holder.identity.nationalId,
      ...(act === 'password-change' && { policy: await readPasswordPolicy(page) }),
    },
    status,
  );
}

/** How an act was refused. */
export interface ActErrors {
  readonly errors?: readonly FormError[];
  /** The codes of the rules that a refused password breaks. */
  readonly broken?: readonly string[];
  readonly status?: number;
}

const renderLost = (page: PageRequest): void => page.render('certificate/lost.njk', {}, 404);

/**
 * What can be done with a certificate, without an office: the list, the visit to the listener and the way back, the act and
 * what it issued. Each act has a visit of its own, since a certificate opens one ([clave], "electronically using an accepted
 * digital certificate").
 */
export const certificate = express
  .Router()
  .get(
    '/certificate',
    withPageRequest((page, request) => {
      const { ticket, code, problem } = request.query;
      if (typeof ticket !== 'string') {
        // Whoever comes back here, as by cancelling, leaves no certificate to the next person at this browser.
        page.clearEntries('certificate');
        return page.render('certificate/acts.njk', { indexed: true, acts: certificateActs });
      }
      return typeof code === 'string'
        ? redeemVisit(page, ticket, code)
        : keepRefusal(page, ticket, String(problem));
    }),
  )
  .post(
    '/certificate',
    withPageRequest((page) => {
      const act = certificateAct(page.field('act'));
      return act ? beginVisit(page, act, unavailable(page)) : page.render('layout/not-found.njk', {}, 400);
    }),
  )
  .get(
    '/certificate/issued/:id',
    withPageRequest((page, request) => renderIssued(page, String(request.params['id']))),
  )
  .get(
    '/certificate/issued/:id/receipt',
    withPageRequest((page, request, response) =>
      readIssuedReceipt(page, String(request.params['id']), response),
    ),
  )
  .get(
    '/certificate/:id',
    withPageRequest((page, request) => {
      const visit = visitOf(page, String(request.params['id']));
      return visit ? renderVisit(page, visit) : renderLost(page);
    }),
  )
  .post(
    '/certificate/:id',
    withPageRequest((page, request) => {
      const visit = visitOf(page, String(request.params['id']));
      if (!visit?.holder) return renderLost(page);
      return doAct(page, { ...visit, holder: visit.holder }, (errors) => renderVisit(page, visit, errors));
    }),
  );
