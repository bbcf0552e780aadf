import express, { type Router } from 'express';
import type { Parts } from './support/parts.ts';
import { mayWatch } from './support/watchers.ts';

/** For whoever watches over the process: alive, ready, and in numbers. */
export function health({ readiness, metrics, settings }: Parts): Router {
  const router = express.Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  router.get('/readyz', async (_request, response) => {
    const state = await readiness.fresh();
    if (readiness.isLeaving) return void response.status(503).json({ status: 'leaving', ...state });
    response
      .status(isReady(state) ? 200 : 503)
      .json({ status: isReady(state) ? 'ready' : 'not ready', ...state });
  });
  router.get('/metrics', async (request, response, next) => {
    // As an address that is not there: the counters move with what citizens do, and say that some exist.
    if (!mayWatch(request, settings)) return next('router');
    const own = await metrics.registry.metrics();
    response.type(metrics.registry.contentType).send(own + (await ofWorker(settings.WORKER_METRICS_PORT)));
  });
  return router;
}

const isReady = (state: Readonly<Record<string, boolean>>): boolean => Object.values(state).every(Boolean);

/** What Temporal's SDK counts in a worker on this machine. A deployment scrapes its workers themselves. */
async function ofWorker(port: number): Promise<string> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(500) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}
