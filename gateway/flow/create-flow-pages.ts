import { fileURLToPath } from 'node:url';
import cookieParser from 'cookie-parser';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { languages } from '../../domain/languages.ts';
import type { Logger } from '../../platform/log.ts';
import { createCsrfProtection } from '../../web/http/csrf-protection.ts';
import { maxFormBytes } from '../../web/http/page-server.ts';
import { writeSealedCookie } from '../../web/http/sealed-cookie.ts';
import { createRender } from '../../web/views/templates.ts';
import { renderConfirmation, renderLeave, submitConfirmation, submitLeave } from './confirmation.ts';
import { type Flow, type FlowDependencies, type FlowHandler, withFlow } from './flow.ts';
import { languageCookie } from './flow-cookies.ts';
import type { FlowPages } from './flow-pages.ts';
import { FlowRequest } from './flow-request.ts';
import { renderJourney, sendJourneyState, submitJourney } from './journey.ts';
import { keepTyped, renderSignIn, submitSignIn } from './sign-in.ts';

/** The folder in which template names begin. */
const gatewayFolder = fileURLToPath(new URL('..', import.meta.url));

type Given = Pick<FlowDependencies, 'settings' | 'requests' | 'sealedBox' | 'asset'> & {
  readonly log: Logger;
};

/**
 * Creates the pages of the citizen's way, for every protocol. The application adds what is common to all its answers:
 * security headers, limits, assets.
 */
export const createFlowPages = ({ log, ...given }: Given): FlowPages => {
  const { protect, csrfToken } = createCsrfProtection(given.sealedBox, '__Host-clave-gateway-form-');
  const dependencies: FlowDependencies = { ...given, csrfToken, render: createRender(gatewayFolder) };
  const page = (handler: FlowHandler) => withFlow(dependencies, handler);
  const readCookies = [cookieParser(), dropJsonCookies];

  const router = express.Router({ caseSensitive: true, strict: true });
  router.use(
    ...readCookies,
    express.urlencoded({ extended: false, limit: maxFormBytes, parameterLimit: 50 }),
    ...protect,
  );
  router.route('/identify/:id').get(page(renderSignIn)).post(page(submitSignIn));
  router.route('/identify/:id/journey').get(page(renderJourney)).post(page(submitJourney));
  router.get('/identify/:id/journey/state', page(sendJourneyState));
  router.route('/identify/:id/confirmation').get(page(renderConfirmation)).post(page(submitConfirmation));
  router.route('/identify/:id/leave').get(page(renderLeave)).post(page(submitLeave));
  // The forms of the pages post here to change the language, with what was typed.
  router.post('/identify/:id/language', page(changeLanguage(dependencies)));
  router.post('/language', (request, response) => {
    setLanguage(dependencies, request, response);
    response.redirect(303, backOf(request) ?? '/');
  });
  router.use((request, response) =>
    new FlowRequest(dependencies, request, response).render('flow/not-found.njk', {}, 404),
  );
  router.use(handleError(dependencies, log));

  /** The protocols answer before cookies are read. */
  const withCookies = (request: Request, response: Response, show: () => void) =>
    cookieParser()(request, response, () => dropJsonCookies(request, response, show));
  return {
    router,
    showError: (request, response, error) =>
      withCookies(request, response, () => {
        const shown = new FlowRequest(dependencies, request, response);
        shown.render(
          'flow/protocol-error.njk',
          { error, ...partyOf(shown, error.relyingParty) },
          error.status,
        );
      }),
    showSignedOut: (request, response, relyingParty) =>
      withCookies(request, response, () => {
        const shown = new FlowRequest(dependencies, request, response);
        shown.render('flow/signed-out.njk', partyOf(shown, relyingParty));
      }),
  };
};

const partyOf = ({ language }: FlowRequest, party: Parameters<FlowPages['showSignedOut']>[2]) =>
  party && { partyName: party.name[language] ?? party.name.es, homeUrl: party.homeUrl };

/** cookie-parser turns `j:` cookies into objects; the handlers expect text only. */
const dropJsonCookies: RequestHandler = (request, _response, next) => {
  const cookies = Object.entries((request.cookies ?? {}) as Record<string, unknown>);
  request.cookies = Object.fromEntries(cookies.filter(([, value]) => typeof value === 'string'));
  next();
};

function setLanguage({ sealedBox }: FlowDependencies, request: Request, response: Response): void {
  const asked = String((request.body as Record<string, unknown>)['language']);
  const language = languages.find((one) => one === asked);
  if (language) writeSealedCookie(languageCookie, language, response, sealedBox);
}

/** The page of a flow from which a form was posted; no other address. */
function backOf(request: Request): string | undefined {
  const back = String((request.body as Record<string, unknown>)['back']);
  return /^\/identify\/[\w-]{1,100}(?:\/(?:journey|confirmation|leave))?$/.test(back) ? back : undefined;
}

/** Changes the language and returns to the same page, which still has what was typed. */
const changeLanguage =
  (dependencies: FlowDependencies) =>
  (flow: Flow, request: Request, response: Response): void => {
    setLanguage(dependencies, request, response);
    if (flow.page.field('nationalId')) keepTyped(flow);
    flow.page.redirect(backOf(request) ?? flow.addressOf(''));
  };

const handleError =
  (dependencies: FlowDependencies, log: Logger): ErrorRequestHandler =>
  (error: { status?: number; code?: string }, request, response, _next) => {
    if (response.headersSent) return void response.destroy();
    const page = new FlowRequest(dependencies, request, response);
    if (error.code === 'FORGED_FORM') return page.render('flow/form-not-taken.njk', {}, 403);
    const status = error.status ?? 500;
    const template = request.method === 'POST' ? 'form-not-taken' : 'not-found';
    if (status < 500) return page.render(`flow/${template}.njk`, {}, status);
    log.error({ err: error }, 'a page failed');
    try {
      page.render('flow/service-unavailable.njk', {}, 503);
    } catch (cause) {
      log.error({ err: cause }, 'the page that says so failed');
      response.status(503).type('text').send('Cl@ve');
    }
  };
