import compression from 'compression';
import type { ErrorRequestHandler, Express, Request } from 'express';
import type { Pool } from 'pg';
import type { GatewaySettings } from '../platform/config.ts';
import { traceRequest } from '../platform/http-tracing.ts';
import type { Logger } from '../platform/log.ts';
import { runAll } from '../platform/run-all.ts';
import { shareProbe } from '../platform/share-probe.ts';
import { createAssets } from '../web/http/assets.ts';
import { serveMetrics, showReadiness } from '../web/http/operator-endpoints.ts';
import { createPageApplication, noStore } from '../web/http/page-application.ts';
import { logPages } from '../web/http/page-log.ts';
import { SealedBox } from '../web/http/sealed-box.ts';
import { securityHeaders } from '../web/http/security-headers.ts';
import type { CreateFlowPages, FlowPages } from './flow/flow-pages.ts';
import { createFindIdentification } from './flow/identifications.ts';
import { limitRequests, type RequestBudgets } from './flow/request-budgets.ts';
import { createDeliverLogoutNotice, deliverLogoutNoticeOnRequest } from './logout/logout-notices.ts';
import { removeExpiredSubjects } from './logout/logout-subjects.ts';
import { createGatewayMetrics, type GatewayMetrics } from './monitoring/metrics.ts';
import { issuerPath, oidcCallerOf, oidcRouteOf } from './oidc/mount.ts';
import { startOpenIdConnect } from './oidc/oidc.ts';
import { simulatorPath, startSimulator } from './simulator/simulator.ts';

/** The gateway as an application. */
export interface Gateway {
  readonly application: Express;
  /** What is due by instants. To be called every minute. Each of it is tried, whatever becomes of the others. */
  maintain(): Promise<void>;
}

interface Options {
  readonly settings: GatewaySettings;
  readonly log: Logger;
  readonly db: Pick<Pool, 'query'>;
  readonly createPages: CreateFlowPages;
  readonly isLeaving?: () => boolean;
  /** Of one address; for tests. */
  readonly budgets?: Partial<RequestBudgets>;
  readonly metrics?: GatewayMetrics;
  readonly now?: () => number;
}

/** Creates the gateway. It is ready when this resolves. */
export async function createGateway({
  settings,
  log,
  db,
  createPages,
  isLeaving = () => false,
  budgets,
  metrics = createGatewayMetrics(),
  now = Date.now,
}: Options): Promise<Gateway> {
  const sealedBox = new SealedBox(settings.GATEWAY_SECRET_KEY, 'gateway');
  const { serve: assets, asset } = createAssets();
  let pages: FlowPages | undefined;
  const getPages = (): FlowPages => {
    if (!pages) throw new Error('no pages yet');
    return pages;
  };
  const oidc = await startOpenIdConnect({
    origin: settings.GATEWAY_URL,
    secretKeys: settings.GATEWAY_SECRET_KEY,
    findIdentification: createFindIdentification(settings),
    pages: getPages,
    ...{ db, metrics, log, now },
  });
  pages = createPages({ settings, requests: oidc.requests, sealedBox, asset, log });

  const deliverLogoutNotice = createDeliverLogoutNotice({
    ...{ db, metrics, log, send: { oidc: oidc.sendLogoutNotice } },
  });

  const app = createPageApplication(settings.TRUST_PROXY);
  app.post(
    '/internal/logout-notices/:noticeId',
    deliverLogoutNoticeOnRequest(settings.GATEWAY_KEY, deliverLogoutNotice),
  );
  const isDatabaseUp = shareProbe(() => db.query('SELECT 1'));
  app.get('/readyz', showReadiness(isLeaving, isDatabaseUp));
  app.get('/metrics', serveMetrics(metrics.registry, settings));
  app.use(
    logPages(log, routeOf, ({ method, route, status, ms }) =>
      metrics.requests.observe({ method, route, status: String(status) }, ms / 1_000),
    ),
    securityHeaders,
  );
  // Pages are not compressed: they hold tokens beside what others have sent, and each fits into the first flight of packets.
  app.use('/assets', compression());
  app.use(assets);
  // Before the limits: a party's tests come from one address, at once.
  if (settings.GATEWAY_SIMULATOR === 'on') {
    const origin = settings.GATEWAY_URL;
    app.use(simulatorPath, noStore, await startSimulator({ origin, db, log, pages: getPages }));
  }
  app.use(
    limitRequests(oidcCallerOf, budgets),
    noStore,
    // Nobody outside is to say which trace is recorded.
    traceRequest(() => undefined, routeOf),
  );
  // Before any body parser: the provider reads its own.
  app.use(issuerPath, ...oidc.handlers);
  app.use(getPages().router);
  app.use(handleError(getPages, log));
  return { application: app, maintain: () => runAll([...oidc.upkeep, () => removeExpiredSubjects(db)]) };
}

/** The pattern of a path. Below the issuer's it is not Express that finds the route, and changes `path` meanwhile. */
function routeOf({ originalUrl, route }: Request): string {
  const [path = ''] = originalUrl.split('?');
  return path.startsWith(`${issuerPath}/`)
    ? `${issuerPath}${oidcRouteOf(path.slice(issuerPath.length))}`
    : String(route?.path ?? 'none');
}

const handleError =
  (pages: () => FlowPages, log: Logger): ErrorRequestHandler =>
  (error: { status?: number }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const status = error.status ?? 503;
    if (status >= 500) log.error({ err: error }, 'a request failed');
    pages().showError(request, response, {
      ...{ status: status < 500 ? status : 503, description: undefined, relyingParty: undefined },
      code: status < 500 ? 'invalid_request' : 'temporarily_unavailable',
    });
  };
