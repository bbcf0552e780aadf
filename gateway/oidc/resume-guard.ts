import express, { type Request, type Response, type Router } from 'express';
import type { Interaction, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { FlowPages } from '../flow/flow-pages.ts';
import { findRelyingParty, type RelyingParty } from '../flow/relying-parties.ts';
import type { RequestBinding } from '../flow/request-binding.ts';

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly provider: () => Provider;
  readonly binding: RequestBinding;
  readonly pages: () => Pick<FlowPages, 'showError'>;
  readonly onError: (relyingPartyId: string, route: string, code: string) => void;
}

/** Whether a request may still lead back: its address is one of those that the registry has at this moment. */
export const isRedirectUriRegistered = ({ params }: Interaction, party: RelyingParty): boolean =>
  party.oidc?.redirectUris.includes(String(params['redirect_uri'])) ?? false;

/**
 * Stands before the provider where a browser comes back from the pages: only the one that began the request gets its code, and
 * only at an address that is still registered. A party that is removed is left to the provider, which knows it no more.
 */
export function createResumeGuard({ db, provider, binding, pages, onError }: Dependencies): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/auth/:id', async (request: Request, response: Response, next) => {
    const id = String(request.params['id']);
    const isOurs =
      binding.isBound(request, response, id) && cookieOf(provider(), 'resume', request, response) === id;
    const interaction = isOurs ? await provider().Interaction.find(id) : undefined;
    const party = interaction && (await findRelyingParty(db, interaction.params['client_id']));
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
