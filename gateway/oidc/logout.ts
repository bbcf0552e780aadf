import express, { type Request, type Response, type Router } from 'express';
import type { Client, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { FlowPages, ProtocolError } from '../flow/flow-pages.ts';
import { findRelyingParty, viewOf } from '../flow/relying-parties.ts';
import { endGrants, grantUid } from './artefacts.ts';
import { maxEchoedLength } from './request-checks.ts';

interface Dependencies {
  readonly db: Pick<Pool, 'query'>;
  readonly provider: () => Provider;
  readonly pages: () => Pick<FlowPages, 'showError' | 'showSignedOut'>;
}

/** Parameters of [OIDC-Logout] 2, each at most once. */
const names = ['id_token_hint', 'post_logout_redirect_uri', 'state', 'client_id'] as const;
type Params = Partial<Record<(typeof names)[number], string>>;

/**
 * Logout that a relying party begins ([OIDC-Logout]): ends what it was issued for that subject, and leads back to a registered
 * address, or shows a page. There is no session of the provider to ask about, and «Mi Cl@ve» is not touched.
 */
export function createLogout({ db, provider, pages }: Dependencies): Router {
  const refuse = async (
    request: Request,
    response: Response,
    error: Omit<ProtocolError, 'relyingParty' | 'status'>,
  ) => pages().showError(request, response, { ...error, status: 400, relyingParty: undefined });

  const handle = async (request: Request, response: Response): Promise<void> => {
    const params = readParams(request.method === 'POST' ? request.body : request.query);
    if (typeof params === 'string')
      return refuse(request, response, { code: 'invalid_request', description: params });
    const known = await identifyClient(provider(), params);
    if ('refusal' in known)
      return refuse(request, response, { code: known.code, description: known.refusal });
    const { client, subject } = known;
    const { post_logout_redirect_uri: returnAddress, state } = params;
    if (returnAddress !== undefined && !client?.postLogoutRedirectUriAllowed(returnAddress))
      return refuse(request, response, {
        code: 'invalid_request',
        description: client
          ? 'post_logout_redirect_uri is not registered'
          : 'post_logout_redirect_uri needs id_token_hint or client_id',
      });
    if (client && subject) await endGrants(db, grantUid(client.clientId, `.${subject}`));
    if (returnAddress !== undefined) {
      const address = new URL(returnAddress);
      if (state !== undefined) address.searchParams.append('state', state);
      return void response.redirect(303, address.href);
    }
    const party = client && (await findRelyingParty(db, client.clientId));
    pages().showSignedOut(request, response, party && viewOf(party, party.homeUrl));
  };

  const router = express.Router({ caseSensitive: true, strict: true });
  router.get('/session/end', handle);
  router.post(
    '/session/end',
    express.urlencoded({ extended: false, limit: 16_384, parameterLimit: 20 }),
    handle,
  );
  return router;
}

/** The parameters, or what is wrong with them. */
function readParams(given: unknown): Params | string {
  const values = (given ?? {}) as Record<string, unknown>;
  for (const name of names) {
    const value = values[name];
    if (value !== undefined && typeof value !== 'string') return `${name} must not be given twice`;
  }
  const params = Object.fromEntries(
    names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])),
  ) as Params;
  if ((params.state?.length ?? 0) > maxEchoedLength)
    return `state must have at most ${maxEchoedLength} characters`;
  return params;
}

type IdentifiedClient =
  | { readonly client: Client | undefined; readonly subject: string | undefined }
  | { readonly refusal: string; readonly code: string };

/** The client that an ID token of ours was issued to, or that is named. An ID token may have expired, of course. */
async function identifyClient(
  provider: Provider,
  { id_token_hint: hint, client_id: clientId }: Params,
): Promise<IdentifiedClient> {
  if (hint === undefined) {
    const client = clientId === undefined ? undefined : await provider.Client.find(clientId);
    if (clientId !== undefined && !client)
      return { refusal: 'client_id is not registered', code: 'invalid_client' };
    return { client, subject: undefined };
  }
  const audience = audienceOf(hint);
  const client = audience === undefined ? undefined : await provider.Client.find(audience);
  if (!client) return { refusal: 'id_token_hint is none of ours', code: 'invalid_request' };
  if (clientId !== undefined && clientId !== audience)
    return { refusal: 'client_id does not match id_token_hint', code: 'invalid_request' };
  const validated = await provider.IdToken.validate(hint, client).catch(() => undefined);
  const subject = validated?.payload['sub'];
  if (typeof subject !== 'string')
    return { refusal: 'id_token_hint is none of ours', code: 'invalid_request' };
  return { client, subject };
}

/** The audience that a token claims, before its signature is verified with that client's algorithm. */
function audienceOf(token: string): string | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const audience = (payload as { aud?: unknown } | null)?.aud;
    return typeof audience === 'string' ? audience : undefined;
  } catch {
    return undefined;
  }
}
