import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/**
 * The gateway's metrics for Prometheus. Labels name levels, codes and relying parties of the registry: never a person, and
 * nothing that a client has made up.
 */
export interface GatewayMetrics {
  readonly registry: Registry;
  readonly requests: Histogram<'method' | 'route' | 'status'>;
  readonly started: Counter<'relying_party' | 'protocol' | 'floor'>;
  readonly ended: Counter<'relying_party' | 'protocol' | 'outcome' | 'level' | 'means'>;
  readonly errors: Counter<'relying_party' | 'route' | 'code'>;
  readonly logoutNotices: Counter<'relying_party' | 'outcome'>;
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
    started: new Counter({
      name: 'clave_gateway_requests_total',
      help: 'Requests of relying parties that reached a citizen, by the level asked for',
      labelNames: ['relying_party', 'protocol', 'floor'],
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
      help: 'Errors of the protocol that were answered, by relying party (empty: none of the registry), endpoint and code',
      labelNames: ['relying_party', 'route', 'code'],
      registers,
    }),
    logoutNotices: new Counter({
      name: 'clave_gateway_logout_notices_total',
      help: 'Attempts to tell a relying party that an identification is void: delivered, not-needed, failed',
      labelNames: ['relying_party', 'outcome'],
      registers,
    }),
  };
}
