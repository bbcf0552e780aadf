import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { type Express, type Request, type Response } from 'express';
import { type Language, languageFrom } from '../domain/languages.ts';
import type { PortalSettings } from '../platform/config.ts';
import { traceRequest } from '../platform/http-tracing.ts';
import type { Logger } from '../platform/log.ts';
import { type Budget, limitAddresses } from '../web/http/address-budget.ts';
import { createAssets } from '../web/http/assets.ts';
import { createCsrfProtection } from '../web/http/csrf-protection.ts';
import { showReadiness } from '../web/http/operator-endpoints.ts';
import { createPageApplication, noStore } from '../web/http/page-application.ts';
import { handlePageErrors } from '../web/http/page-errors.ts';
import { logPages } from '../web/http/page-log.ts';
import { SealedBox } from '../web/http/sealed-box.ts';
import { securityHeaders } from '../web/http/security-headers.ts';
import { readForm } from '../web/http/submitted-form.ts';
import { createRender } from '../web/views/templates.ts';
import { certificate } from './certificate/certificate.ts';
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

const errorPages = {
  formNotTaken: 'layout/form-not-taken.njk',
  notFound: 'layout/not-found.njk',
  unavailable: 'layout/unavailable.njk',
};

/** The routers of all pages. `pages.test.ts` fails for a page of `pages.ts` that has no route here. */
const routers = [
  home,
  activation,
  passwordReset,
  passwordChange,
  unsubscription,
  journey,
  signIn,
  certificate,
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

  const app = createPageApplication(settings.TRUST_PROXY);
  // Independent of the API: during an outage of the API the portal must still receive requests, to show `unavailable.njk`.
  app.get('/readyz', showReadiness(isLeaving));
  app.use(
    logPages(log),
    securityHeaders,
    compression(),
    assets,
    wellKnown({ asset, passwordChangeIn }),
    limitAddresses(budget),
    noStore,
    traceRequest(),
  );
  app.use(...readForm);
  app.get('/', (request, response) => {
    response.vary('Accept-Language').redirect(302, `/${languageFrom(request.get('Accept-Language'))}`);
  });
  const inLanguage = express.Router({ mergeParams: true });
  inLanguage.use(requireCanonicalPath, attachPageRequest(dependencies), protect, ...routers);
  app.use('/:language', inLanguage);
  const pageOf = (request: Request, response: Response) => pageRequestOf(dependencies, request, response);
  app.use((request, response) => pageOf(request, response).render(errorPages.notFound, {}, 404));
  app.use(handlePageErrors(log, errorPages, pageOf));
  return app;
}

/** The `PageRequest` of a request; created here if the address has no language. */
const pageRequestOf = (dependencies: PortalDependencies, request: Request, response: Response): PageRequest =>
  (response.locals['page'] as PageRequest | undefined) ??
  new PageRequest(languageFrom(request.get('Accept-Language')), dependencies, request, response);
