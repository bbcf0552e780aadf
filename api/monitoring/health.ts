import express, { type Response, type Router } from 'express';
import type { ApiDependencies } from '../http/dependencies.ts';
import { canReadMetrics } from './metrics-access.ts';
import type { Readiness } from './readiness.ts';

/** For whoever watches over the process: alive, ready, and in numbers. */
export function health({ readiness, metrics, settings }: ApiDependencies): Router {
  const router = express.Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    tell(response, readiness, await readiness.refreshedState());
  });
  // Whether requests may come: with Temporal away a password alone still opens a session (docs/adr/0001).
  router.get('/readyz/database', async (_request, response) => {
    tell(response, readiness, await readiness.refreshedForTraffic());
  });
  router.get('/metrics', async (request, response, next) => {
    // As an address that is not there: the counters move with what citizens do, and say that some exist.
    if (!canReadMetrics(request, settings)) return next('router');
    const own = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(own + (await ofWorker(settings.WORKER_METRICS_PORT)));
  });
  return router;
}

function tell(response: Response, { isDraining }: Readiness, state: Readonly<Record<string, boolean>>): void {
  const isReady = !isDraining && Object.values(state).every(Boolean);
  const status = isDraining ? 'leaving' : isReady ? 'ready' : 'not ready';
  response.status(isReady ? 200 : 503).json({ status, ...state });
}

/** What Temporal's SDK counts in a worker on this machine. A deployment scrapes its workers themselves. */
async function ofWorker(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(500) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}
