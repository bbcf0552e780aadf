import cors from 'cors';
import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import type { ApiDependencies } from './http/dependencies.ts';
import { apiDocs } from './http/docs.ts';
import { handleError } from './http/error-handler.ts';
import { parseJson, requireJson } from './http/json-bodies.ts';
import { countRefusals, limitRequests, noStore, requireHost } from './http/middleware.ts';
import { createOpenApi } from './http/openapi.ts';
import { Refusal } from './http/refusal.ts';
import { observeRequests } from './http/request-observer.ts';
import { traceRequests } from './http/request-tracing.ts';
import type { Route } from './http/route.ts';
import { sendProblem } from './http/send-problem.ts';
import { serve } from './http/serve.ts';
import { health } from './monitoring/health.ts';
import { routes } from './routes.ts';
import { smsStatusCallback } from './sms/status-callback.ts';

/** Composes the Express application: middlewares, routes, documentation, error handler. */
export function createApp(dependencies: ApiDependencies): Express {
  const app = express();
  app.set('trust proxy', dependencies.settings.TRUST_PROXY);
  app.set('query parser', 'simple');
  app.disable('x-powered-by');
  // Only the documented spelling of a path matches, so that a proxy's rules by path cannot be bypassed.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('etag', false);
  app.use(observeRequests(dependencies));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      },
    }),
  );
  if (dependencies.settings.CORS_ORIGINS.length > 0)
    app.use(
      cors({
        origin: [...dependencies.settings.CORS_ORIGINS],
        exposedHeaders: ['Retry-After', 'X-Request-Id'],
      }),
    );
  app.use(requireHost);
  app.use(health(dependencies));
  app.use(['/docs', '/openapi.json'], limitRequests(dependencies));
  app.use(apiDocs(createOpenApi(routes, dependencies)));
  app.use(traceRequests(dependencies));
  app.use(smsStatusCallback(dependencies));
  app.use(
    '/api/v1',
    noStore,
    requireJson,
    parseJson(routes, dependencies),
    api(dependencies),
    countRefusals(dependencies),
  );
  app.use((request, response) => sendProblem({ problem: 'not-found' }, request, response));
  app.use(handleError(dependencies));
  return app;
}

function api(dependencies: ApiDependencies): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [path, ofPath] of byPath(routes)) {
    const at = router.route(path);
    for (const route of ofPath) at[route.method](serve(route, dependencies));
    const Allow = ofPath.map(({ method }) => method.toUpperCase()).join(', ');
    at.all(() => {
      throw new Refusal({ problem: 'method-not-allowed', headers: { Allow } });
    });
  }
  router.use(() => {
    throw new Refusal({ problem: 'not-found' });
  });
  return router;
}

/** Groups the routes by path, to reply 405 with Allow to other methods. */
function byPath(all: readonly Route[]): Map<string, Route[]> {
  const grouped = new Map<string, Route[]>();
  for (const route of all) grouped.set(route.path, [...(grouped.get(route.path) ?? []), route]);
  return grouped;
}
