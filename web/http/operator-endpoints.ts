import type { RequestHandler } from 'express';
import type { Registry } from 'prom-client';
import type { ServiceSettings } from '../../platform/config.ts';
import { canReadMetrics } from '../../platform/metrics-access.ts';

/**
 * `/readyz` of a server of pages, for orchestrators: 200 if it takes requests, 503 while it leaves or while `isUp` is false.
 * `isUp`: whether the service that the pages cannot do without is up; true where there is none.
 */
export const showReadiness =
  (isLeaving: () => boolean, isUp: () => Promise<boolean> = () => Promise.resolve(true)): RequestHandler =>
  async (_request, response) => {
    const isReady = !isLeaving() && (await isUp());
    response
      .status(isReady ? 200 : 503)
      .json({ status: isLeaving() ? 'leaving' : isReady ? 'ready' : 'not ready' });
  };

/** `/metrics` of a server of pages, for Prometheus. Without access (docs/adr/0020) it is an unknown path. */
export const serveMetrics =
  (registry: Registry, settings: Pick<ServiceSettings, 'METRICS_KEY' | 'TRUST_PROXY'>): RequestHandler =>
  async (request, response, next) => {
    if (!canReadMetrics(request, settings)) return next();
    response.type(registry.contentType).send(await registry.metrics());
  };
