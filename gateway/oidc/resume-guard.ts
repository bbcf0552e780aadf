import express, { type Request, type Response, type Router } from 'express';
import type { Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { FlowPages } from '../flow/flow-pages.ts';
import type { RequestBinding } from '../flow/request-binding.ts';
import { findInteraction, isRedirectUriRegistered } from './find-interaction.ts';
import { citizensRealm, type Realm } from './realm.ts';

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly provider: () => Provider;
  readonly binding: RequestBinding;
  /** That of citizens, unless it is said. */
  readonly realm?: Realm;
  readonly pages: () => Pick<FlowPages, 'showError'>;
  readonly onError: (relyingPartyId: string, route: string, code: string) => void;
}

/**
 * Stands before the provider where a browser comes back from the pages: only the one that began the request gets its code, and
 * only at an address that is still registered. A party that is removed is left to the provider, which knows it no more.
 */
export function createResumeGuard({
  db,
  provider,
  binding,
  realm = citizensRealm,
  pages,
  onError,
}: Dependencies): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/auth/:id', async (request: Request, response: Response, next) => {
    const id = String(request.params['id']);
    const isOurs =
      binding.isBound(request, response, id) && cookieOf(provider(), 'resume', request, response) === id;
    const { interaction, party } = (isOurs && (await findInteraction(db, realm, request, id))) || {};
    const isAddressGone = interaction && party && !isRedirectUriRegistered(interaction, party);
    if (isOurs && !isAddressGone) return next();
    onError(party?.id ?? '', 'resume', 'invalid_request');
    pages().showError(request, response, {
      ...{ status: 400, code: 'invalid_request', relyingParty: undefined },
      description: 'authorization request has expired',
    });
  });
  return router;
}

/** The id of a request in a signed cookie of the provider. */
export const cookieOf = (
  provider: Provider,
  name: 'interaction' | 'resume',
  request: Request,
  response: Response,
): string | undefined =>
  provider.createContext(request, response).cookies.get(provider.cookieName(name), { signed: true });
