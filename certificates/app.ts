import type { TLSSocket } from 'node:tls';
import type { ErrorRequestHandler, Express, Request } from 'express';
import { languageFrom } from '../domain/languages.ts';
import type { CertificateSettings } from '../platform/certificate-settings.ts';
import { traceRequest } from '../platform/http-tracing.ts';
import type { Logger } from '../platform/log.ts';
import { shareProbe } from '../platform/share-probe.ts';
import { serveMetrics, showReadiness } from '../web/http/operator-endpoints.ts';
import { createPageApplication, noStore } from '../web/http/page-application.ts';
import { logPages } from '../web/http/page-log.ts';
import { securityHeaders } from '../web/http/security-headers.ts';
import { visitApi } from './listener/api-client.ts';
import { presentedChain } from './listener/presented-chain.ts';
import { chainFromHeader } from './listener/proxy-header.ts';
import { showEnded, visit } from './listener/visit.ts';
import type { CertificateMetrics } from './monitoring/metrics.ts';
import type { Verifier } from './verification/verify-certificate.ts';

interface Options {
  readonly settings: CertificateSettings;
  readonly log: Logger;
  readonly verifier: Verifier;
  readonly metrics: CertificateMetrics;
  readonly isLeaving?: () => boolean;
}

/**
 * Composes the certificate listener's application: it verifies, and tells the API. It has no database, no secret key of the
 * service, no cookie, and keeps nothing of a visitor (docs/adr/0060).
 */
export function createCertificateApplication({
  settings,
  log,
  verifier,
  metrics,
  isLeaving = () => false,
}: Options): Express {
  const app = createPageApplication(settings.TRUST_PROXY);
  const isApiUp = shareProbe(async () => {
    const response = await fetch(new URL('/healthz', settings.API_URL), {
      signal: AbortSignal.timeout(2_000),
    });
    if (!response.ok) throw new Error('the API is not alive');
  });
  app.get('/readyz', showReadiness(isLeaving, isApiUp));
  app.get('/metrics', serveMetrics(metrics.registry, settings));
  app.use(
    logPages(log, undefined, metrics.answered),
    securityHeaders,
    noStore,
    traceRequest(() => undefined, routeOf),
  );
  app.get(
    '/',
    visit({
      ...{ verifier, metrics, log, presentedBy: presentedBy(settings) },
      apiFor: (request) =>
        visitApi(settings, {
          language: languageFrom(request.get('Accept-Language')),
          address: request.ip ?? '',
          userAgent: request.get('User-Agent') ?? '',
        }),
    }),
  );
  app.use((request, response) => showEnded('not-found', request, response));
  app.use(handleError(log));
  return app;
}

const routeOf = ({ route }: Request): string => String(route?.path ?? 'none');

/** From the connection, or behind a proxy from its header: one or the other, never what the other would say. */
function presentedBy({ CERTIFICATE_HEADER: form, CERTIFICATE_HOP_KEY: hopKey }: CertificateSettings) {
  return ({ headers, socket }: Request): readonly Uint8Array[] =>
    form && hopKey ? chainFromHeader(headers, { form, hopKey }) : presentedChain(socket as TLSSocket);
}

const handleError =
  (log: Logger): ErrorRequestHandler =>
  (error: { status?: number }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const isTheirs = error.status !== undefined && error.status < 500;
    if (!isTheirs) log.error({ err: error }, 'a request failed');
    showEnded(isTheirs ? 'not-found' : 'temporarily-unavailable', request, response);
  };
