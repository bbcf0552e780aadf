import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { AnsweredRequest } from '../../web/http/page-log.ts';
import type { Asked } from '../revocation/check-revocation.ts';
import type { Verification } from '../verification/verify-certificate.ts';

/** The metrics of the certificate listener. Labels name profiles, reasons and the responders of the trust bundle: nobody. */
export interface CertificateMetrics {
  readonly registry: Registry;
  presented(verification: Verification): void;
  asked(asked: Asked): void;
  answered(request: AnsweredRequest): void;
  /** A TLS handshake did not come about. */
  handshakeFailed(): void;
}

/** Creates the metrics in a new registry, so that several listeners can run in one process, as in the tests. */
export function createCertificateMetrics(): CertificateMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const presented = new Counter({
    name: 'clave_certificates_presented_total',
    help: 'Visits by what came of the certificate: `accepted`, with its profile, or the reason of the refusal',
    labelNames: ['outcome', 'profile'],
    registers,
  });
  const asked = new Histogram({
    name: 'clave_certificates_responder_duration_seconds',
    help: 'Questions to responders and lists of the trust bundle: answered, unusable or unreachable',
    labelNames: ['url', 'by', 'outcome'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8],
    registers,
  });
  const requests = new Histogram({
    name: 'clave_certificates_http_request_duration_seconds',
    help: 'Requests by route and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const handshakes = new Counter({
    name: 'clave_certificates_failed_handshakes_total',
    help: 'TLS handshakes that did not come about',
    registers,
  });
  return {
    registry,
    presented(verification) {
      const { kind } = verification;
      presented.inc(
        kind === 'accepted'
          ? { outcome: kind, profile: verification.profile }
          : { outcome: verification.reason, profile: '' },
      );
    },
    asked: ({ url, by, outcome, seconds }) => asked.observe({ url, by, outcome }, seconds),
    answered: ({ method, route, status, ms }) =>
      requests.observe({ method, route, status: String(status) }, ms / 1_000),
    handshakeFailed: () => handshakes.inc(),
  };
}
