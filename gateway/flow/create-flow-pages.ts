import { fileURLToPath } from 'node:url';
import express, { type Request, type Response } from 'express';
import { languages } from '../../domain/languages.ts';
import { createCsrfProtection } from '../../web/http/csrf-protection.ts';
import { handlePageErrors } from '../../web/http/page-errors.ts';
import { writeSealedCookie } from '../../web/http/sealed-cookie.ts';
import { readCookies, readForm } from '../../web/http/submitted-form.ts';
import { createRender } from '../../web/views/templates.ts';
import {
  addressOfReturn,
  beginCertificate,
  renderCertificate,
  returnFromCertificate,
} from './certificate.ts';
import { renderConfirmation, renderLeave, submitConfirmation, submitLeave } from './confirmation.ts';
import { type Flow, type FlowDependencies, type FlowHandler, withFlow } from './flow.ts';
import { languageCookie } from './flow-cookies.ts';
import type { CreateFlowPages, FlowPages } from './flow-pages.ts';
import { FlowRequest } from './flow-request.ts';
import { renderJourney, sendJourneyState, submitJourney } from './journey.ts';
import { keepEnteredValues, renderSignIn, submitSignIn } from './sign-in.ts';

/** The folder in which template names begin. */
const gatewayFolder = fileURLToPath(new URL('..', import.meta.url));

const errorPages = {
  formNotTaken: 'flow/form-not-taken.njk',
  notFound: 'flow/not-found.njk',
  unavailable: 'flow/service-unavailable.njk',
};

/**
 * Creates the pages of the citizen's way, for every protocol. The application adds what is common to all its answers:
 * security headers, limits, assets.
 */
export const createFlowPages: CreateFlowPages = ({ log, ...given }) => {
  const { protect, csrfToken } = createCsrfProtection(given.sealedBox, '__Host-clave-gateway-form-');
  const dependencies: FlowDependencies = { ...given, csrfToken, render: createRender(gatewayFolder) };
  const page = (handler: FlowHandler) => withFlow(dependencies, handler);
  const pageOf = (request: Request, response: Response) => new FlowRequest(dependencies, request, response);

  const router = express.Router({ caseSensitive: true, strict: true });
  router.use(...readForm, ...protect);
  router.route('/identify/:id').get(page(renderSignIn)).post(page(submitSignIn));
  router.route('/identify/:id/journey').get(page(renderJourney)).post(page(submitJourney));
  router.route('/identify/:id/certificate').get(page(renderCertificate)).post(page(beginCertificate));
  router.get('/identify/:id/certificate/return', page(returnFromCertificate));
  router.get('/certificate', (request, response) => {
    const address = addressOfReturn(request, given.sealedBox);
    if (address) return response.redirect(303, address);
    pageOf(request, response).render('flow/ended.njk', { what: 'lost' }, 404);
  });
  router.get('/identify/:id/journey/state', page(sendJourneyState));
  router.route('/identify/:id/confirmation').get(page(renderConfirmation)).post(page(submitConfirmation));
  router.route('/identify/:id/leave').get(page(renderLeave)).post(page(submitLeave));
  // The forms of the pages post here to change the language, with what was typed.
  router.post('/identify/:id/language', page(changeLanguage(dependencies)));
  router.post('/language', (request, response) => {
    setLanguage(dependencies, request, response);
    response.redirect(303, returnPathOf(request) ?? '/');
  });
  router.use((request, response) => pageOf(request, response).render(errorPages.notFound, {}, 404));
  router.use(handlePageErrors(log, errorPages, pageOf));

  return {
    router,
    // The protocols answer before cookies are read.
    showError: (request, response, error) =>
      readCookies(request, response, () => {
        const shown = pageOf(request, response);
        shown.render(
          'flow/protocol-error.njk',
          { error, ...partyOf(shown, error.relyingParty) },
          error.status,
        );
      }),
    showSignedOut: (request, response, relyingParty) =>
      readCookies(request, response, () => {
        const shown = pageOf(request, response);
        shown.render('flow/signed-out.njk', partyOf(shown, relyingParty));
      }),
  };
};

const partyOf = ({ language }: FlowRequest, party: Parameters<FlowPages['showSignedOut']>[2]) =>
  party && { partyName: party.name[language] ?? party.name.es, homeUrl: party.homeUrl };

function setLanguage({ sealedBox }: FlowDependencies, request: Request, response: Response): void {
  const chosen = String((request.body as Record<string, unknown>)['language']);
  const language = languages.find((one) => one === chosen);
  if (language) writeSealedCookie(languageCookie, language, response, sealedBox);
}

/** The page of a flow from which a form was posted; no other address. */
function returnPathOf(request: Request): string | undefined {
  const back = String((request.body as Record<string, unknown>)['back']);
  return /^\/identify\/[\w-]{1,100}(?:\/(?:journey|certificate|confirmation|leave))?$/.test(back)
    ? back
    : undefined;
}

/** Changes the language and returns to the same page, which still has what was typed. */
const changeLanguage =
  (dependencies: FlowDependencies) =>
  (flow: Flow, request: Request, response: Response): void => {
    setLanguage(dependencies, request, response);
    if (flow.page.field('nationalId')) keepEnteredValues(flow);
    flow.page.redirect(returnPathOf(request) ?? flow.addressOf(''));
  };
