import type { Request, RequestHandler, Response } from 'express';
import { languageFrom } from '../../domain/languages.ts';
import { problemText } from '../../platform/locales.ts';
import type { Logger } from '../../platform/log.ts';
import { plainPage } from '../../web/http/plain-page.ts';
import type { CertificateMetrics } from '../monitoring/metrics.ts';
import type { Verifier } from '../verification/verify-certificate.ts';
import type { VisitApi } from './api-client.ts';

interface Dependencies {
  readonly verifier: Verifier;
  readonly apiFor: (request: Request) => VisitApi;
  /** The certificates that the browser of a request presented, DER, the leaf first. */
  readonly presentedBy: (request: Request) => readonly Uint8Array[];
  readonly metrics: CertificateMetrics;
  readonly log: Logger;
}

/** Whom a page shows why the visit does not go on: the ticket says to which front-end it would return, and there is none. */
type Ended = 'not-found' | 'certificate-visit-ended' | 'temporarily-unavailable';
const statuses: Readonly<Record<Ended, number>> = {
  'not-found': 404,
  'certificate-visit-ended': 410,
  'temporarily-unavailable': 503,
};

/**
 * One visit of a browser: the presentation is counted before anything of the certificate is read, then the certificate is verified,
 * the API told, and the browser sent back. The address of the visit is logged nowhere.
 */
export const visit =
  ({ verifier, apiFor, presentedBy, metrics, log }: Dependencies): RequestHandler =>
  async (request, response) => {
    const ticket = request.query['ticket'];
    if (typeof ticket !== 'string' || !/^[\w-]{22}$/.test(ticket))
      return showEnded('not-found', request, response);
    const api = apiFor(request);
    try {
      const status = await api.beginPresentation(ticket);
      if (status !== 201) return showEnded(endedBy(status), request, response);
      const verification = await verifier.verify(presentedBy(request));
      metrics.presented(verification);
      const location = await api.reportOutcome(ticket, verification);
      if (location === undefined) return showEnded('certificate-visit-ended', request, response);
      response.redirect(303, location);
    } catch (error) {
      log.error({ err: error }, 'a visit failed');
      showEnded('temporarily-unavailable', request, response);
    }
  };

const endedBy = (status: number): Ended => {
  if (status === 404) return 'not-found';
  return status === 410 ? 'certificate-visit-ended' : 'temporarily-unavailable';
};

/** Shows why a visit does not go on. */
export function showEnded(ended: Ended, request: Request, response: Response): void {
  const language = languageFrom(request.get('Accept-Language'));
  const { title, detail } = problemText(ended, language);
  response
    .status(statuses[ended])
    .set({ 'Content-Language': language, ...(ended === 'temporarily-unavailable' && { 'Retry-After': '5' }) })
    .type('html')
    .send(plainPage(language, { title, text: detail }));
}
