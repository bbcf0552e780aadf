import express, { type Response, type Router } from 'express';
import { canReadMetrics } from '../../platform/metrics-access.ts';
import type { ApiDependencies } from '../http/dependencies.ts';

/** Liveness, readiness and metrics, for operators and orchestrators. */
export function health({ readiness, admission, metrics, settings }: ApiDependencies): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    sendReadiness(response, { readiness, admission }, await readiness.readState());
  });
  // For load balancers: while Temporal is away, citizens still sign in (docs/adr/0031).
  router.get('/readyz/database', async (_request, response) => {
    sendReadiness(response, { readiness, admission }, await readiness.readStateForTraffic());
  });
  router.get('/metrics', async (request, response, next) => {
    // Without access it is a 404 like any unknown path: the counters reveal what citizens do.
    if (!canReadMetrics(request, settings)) return next('router');
    const own = await metrics.registry.metrics();
    const ofWorker = await workerMetrics(settings.WORKER_METRICS_PORT);
    response.type(metrics.registry.contentType).send(own + ofWorker);
  });
  return router;
}

function sendReadiness(
  response: Response,
  { readiness: { isDraining }, admission: { isExhausted } }: Pick<ApiDependencies, 'readiness' | 'admission'>,
  dependencies: Readonly<Record<string, boolean>>,
): void {
  const state = { ...dependencies, slots: !isExhausted };
  const isReady = !isDraining && Object.values(state).every(Boolean);
  const status = isDraining ? 'leaving' : isReady ? 'ready' : 'not ready';
  response.status(isReady ? 200 : 503).json({ status, ...state });
}

/** The metrics of Temporal's SDK in a worker on this machine; empty without one. Deployments scrape workers directly. */
async function workerMetrics(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(500) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}
