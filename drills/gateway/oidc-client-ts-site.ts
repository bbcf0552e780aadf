import { once } from 'node:events';
import { createServer } from 'node:http';
import { ErrorResponse, InMemoryWebStorage, OidcClient, WebStorageStateStore } from 'oidc-client-ts';
import { LOOPBACK } from '../../local/servers/ports.ts';
import { askedScope, type Registration, type RelyingSite, siteUrl } from './relying-site.ts';

type Answer = { readonly location: string } | { readonly json: object; readonly status?: number };

/** A relying party on oidc-client-ts, with its state in memory where a browser would have its storage. */
export async function startOidcClientTsSite(registration: Registration): Promise<RelyingSite> {
  const url = siteUrl(registration);
  const client = new OidcClient({
    authority: registration.issuer,
    client_id: registration.clientId,
    client_secret: registration.clientSecret,
    client_authentication: 'client_secret_basic',
    redirect_uri: `${url}/back`,
    post_logout_redirect_uri: `${url}/signed-out`,
    scope: askedScope,
    loadUserInfo: true,
    filterProtocolClaims: false,
    stateStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  });
  let idToken: string | undefined;

  const pages: Readonly<Record<string, (at: URL) => Promise<Answer>>> = {
    '/sign-in': async ({ searchParams }) => {
      const acr = searchParams.get('acr') ?? '';
      return { location: (await client.createSigninRequest({ acr_values: acr })).url };
    },
    '/back': async ({ href }) => {
      const { profile, id_token, access_token } = await client.processSigninResponse(href);
      idToken = id_token;
      // The client has merged both into one.
      return { json: { idToken: profile, userinfo: profile, accessToken: access_token } };
    },
    '/sign-out': async () => {
      const state = crypto.randomUUID();
      const { url: location } = await client.createSignoutRequest({
        state,
        ...(idToken && { id_token_hint: idToken }),
      });
      idToken = undefined;
      return { location };
    },
    '/signed-out': async ({ href }) => {
      const { error } = await client.processSignoutResponse(href);
      return { json: { signedOut: !error } };
    },
  };
  const answerTo = async (at: URL): Promise<Answer> => {
    try {
      return (await pages[at.pathname]?.(at)) ?? { json: {}, status: 404 };
    } catch (error) {
      const code = error instanceof ErrorResponse ? error.error : String(error);
      return { json: { error: code }, status: 400 };
    }
  };
  const server = createServer(async ({ url: path = '' }, response) => {
    const answer = await answerTo(new URL(path, url));
    if ('location' in answer) return void response.writeHead(302, { Location: answer.location }).end();
    response
      .writeHead(answer.status ?? 200, { 'Content-Type': 'application/json' })
      .end(JSON.stringify(answer.json));
  }).listen(registration.port, LOOPBACK);
  await once(server, 'listening');
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
