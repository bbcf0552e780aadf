import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** The gateway's metrics for Prometheus. Labels name relying parties, levels and codes, never a person. */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly ended: Counter<'relying_party' | 'protocol' | 'outcome' | 'level' | 'means'>;
  readonly errors: Counter<'route' | 'code'>;
}

/** Creates the metrics in a new registry, so that several gateways can run in one process, as in the tests. */
export function createGatewayMetrics(): GatewayMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    requests: new Histogram({
      name: 'clave_gateway_http_request_duration_seconds',
      help: 'Requests by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    ended: new Counter({
      name: 'clave_gateway_identifications_total',
      help: 'Requests of relying parties that ended, by outcome, and by level and means where one succeeded',
      labelNames: ['relying_party', 'protocol', 'outcome', 'level', 'means'],
      registers,
    }),
    errors: new Counter({
      name: 'clave_gateway_errors_total',
      help: 'Errors of the protocol that were answered, by endpoint and code',
      labelNames: ['route', 'code'],
      registers,
    }),
  };
}
