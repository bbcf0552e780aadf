import { fileURLToPath } from 'node:url';
import compression from 'compression';
import cookieParser from 'cookie-parser';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { type Language, languageFrom } from '../domain/languages.ts';
import type { PortalSettings } from '../platform/config.ts';
import { traceRequest } from '../platform/http-tracing.ts';
import type { Logger } from '../platform/log.ts';
import { type Budget, limitAddresses } from '../web/http/address-budget.ts';
import { createAssets } from '../web/http/assets.ts';
import { createCsrfProtection } from '../web/http/csrf-protection.ts';
import { maxFormBytes } from '../web/http/page-server.ts';
import { SealedBox } from '../web/http/sealed-box.ts';
import { securityHeaders } from '../web/http/security-headers.ts';
import { createRender } from '../web/views/templates.ts';
import { content } from './content/content.ts';
import { desk } from './desk/desk.ts';
import { home } from './home/home.ts';
import { requireCanonicalPath } from './http/canonical-path.ts';
import { wellKnown } from './http/well-known.ts';
import { signIn } from './identification/sign-in/sign-in.ts';
import { activity } from './my-clave/activity.ts';
import { myClave } from './my-clave/my-clave.ts';
import { notMe } from './my-clave/not-me.ts';
import { offices } from './offices/offices.ts';
import { attachPageRequest, PageRequest, type PortalDependencies } from './page-request/page-request.ts';
import { sessionExtension } from './page-request/time-limit.ts';
import { addressOfPage } from './pages.ts';
import { activation } from './permanente/activation/activation.ts';
import { journey } from './permanente/journey/journey.ts';
import { passwordChange } from './permanente/password-change/password-change.ts';
import { passwordReset } from './permanente/password-reset/password-reset.ts';
import { unsubscription } from './permanente/unsubscription/unsubscription.ts';

/** The folder in which template names begin. */
const portalFolder = fileURLToPath(new URL('.', import.meta.url));

/** The routers of all pages. `pages.test.ts` fails for a page of `pages.ts` that has no route here. */
const routers = [
  home,
  activation,
  passwordReset,
  passwordChange,
  unsubscription,
  journey,
  signIn,
  myClave,
  activity,
  notMe,
  sessionExtension,
  content,
  offices,
  desk,
];

/**
 * Creates the portal as an Express application. `isLeaving`: whether the process is about to stop. `budget`: of the pages of
 * one address; for tests.
 */
export function createPortal({
  settings,
  log,
  isLeaving = () => false,
  budget,
}: {
  settings: PortalSettings;
  log: Logger;
  isLeaving?: () => boolean;
  budget?: Budget;
}): Express {
  const sealedBox = new SealedBox(settings.PORTAL_COOKIE_KEY, 'portal');
  const { protect, csrfToken } = createCsrfProtection(sealedBox);
  const { serve: assets, asset } = createAssets();
  const passwordChangeIn = (language: Language) => addressOfPage('password-change', language);
  const dependencies: PortalDependencies = {
    settings,
    sealedBox,
    csrfToken,
    asset,
    render: createRender(portalFolder),
  };

  const app = express();
  app.set('trust proxy', settings.TRUST_PROXY);
  app.set('query parser', 'simple');
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app.set('etag', false);
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  // Independent of the API: during an outage of the API the portal must still receive requests, to show `unavailable.njk`.
  app.get('/readyz', (_request, response) => {
    response.status(isLeaving() ? 503 : 200).json({ status: isLeaving() ? 'leaving' : 'ready' });
  });
  app.use(
    logRequest(log),
    securityHeaders,
    compression(),
    assets,
    wellKnown({ asset, passwordChangeIn }),
    limitAddresses(budget),
    noStore,
    traceRequest(),
  );
  app.use(
    cookieParser(),
    dropJsonCookies,
    express.urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 50 }),
  );
  app.get('/', (request, response) => {
    response.vary('Accept-Language').redirect(302, `/${languageFrom(request.get('Accept-Language'))}`);
  });
  const inLanguage = express.Router({ mergeParams: true });
  inLanguage.use(requireCanonicalPath, attachPageRequest(dependencies), protect, ...routers);
  app.use('/:language', inLanguage);
  app.use((request, response) =>
    pageRequestOf(dependencies, request, response).render('layout/not-found.njk', {}, 404),
  );
  app.use(handleError(dependencies, log));
  return app;
}

/** Pages contain personal data: neither proxies nor browsers may store them. */
const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};

/** cookie-parser turns `j:` cookies into objects; the handlers expect text only. */
const dropJsonCookies: RequestHandler = (request, _response, next) => {
  const cookies = Object.entries(request.cookies as Record<string, unknown>);
  request.cookies = Object.fromEntries(cookies.filter(([, value]) => typeof value === 'string'));
  next();
};

/** Logs the pattern of the route and never the address, which contains what the client sends. */
const logRequest =
  (log: Logger): RequestHandler =>
  (request, response, next) => {
    const startedAt = performance.now();
    response.on('close', () => {
      const route = String(request.route?.path ?? 'none');
      const { statusCode: status } = response;
      log.info(
        { method: request.method, route, status, ms: Math.round(performance.now() - startedAt) },
        'page',
      );
    });
    next();
  };

/** The `PageRequest` of a request; created here if the address has no language. */
const pageRequestOf = (dependencies: PortalDependencies, request: Request, response: Response): PageRequest =>
  (response.locals['page'] as PageRequest | undefined) ??
  new PageRequest(languageFrom(request.get('Accept-Language')), dependencies, request, response);

const handleError =
  (dependencies: PortalDependencies, log: Logger): ErrorRequestHandler =>
  (error: { status?: number; code?: string }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const page = pageRequestOf(dependencies, request, response);
    if (error.code === 'FORGED_FORM') return page.render('layout/form-not-taken.njk', {}, 403);
    const status = error.status ?? 500;
    const template = request.method === 'POST' ? 'form-not-taken' : 'not-found';
    if (status < 500) return page.render(`layout/${template}.njk`, {}, status);
    log.error({ err: error }, 'a page failed');
    try {
      page.render('layout/unavailable.njk', {}, 503);
    } catch (cause) {
      log.error({ err: cause }, 'the page that says so failed');
      response.status(503).type('text').send('Cl@ve');
    }
  };
