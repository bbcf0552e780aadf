import { randomBytes } from 'node:crypto';
import * as oidc from 'openid-client';
import type { OidcRegistration } from '../../domain/gateway/party-file.ts';
import { tokenDigest } from '../../platform/secrets.ts';
import { queryAsOwner } from '../database/rows.ts';
import type { GatewayInProcess } from '../environment/gateway-in-process.ts';
import type { Stack } from '../environment/stack.ts';
import type { Citizen } from './citizen.ts';
import type { BrowserAnswer, PlainBrowser } from './plain-browser.ts';
import {
  boundSession,
  boundSessionWithSms,
  identify,
  registerParty,
  type TestParty,
} from './relying-parties.ts';

/** A relying party of OpenID Connect, with what it knows. */
export interface OidcParty extends TestParty {
  readonly secret: string;
  readonly redirectUri: string;
  readonly config: oidc.Configuration;
}

export const allScopes = 'openid profile email phone nif';

/** Registers a relying party and lets openid-client discover the gateway. */
export async function registerOidcParty(
  stack: Stack,
  gateway: Pick<GatewayInProcess, 'url'>,
  {
    registration = {},
    authentication,
    ...overrides
  }: Partial<TestParty> & {
    registration?: Partial<OidcRegistration>;
    authentication?: oidc.ClientAuth;
  } = {},
): Promise<OidcParty> {
  const party = await registerParty(stack, overrides);
  const secret = randomBytes(32).toString('base64url');
  const redirectUri = `https://${party.id.toLowerCase().replaceAll('_', '')}.example/back`;
  const row: OidcRegistration = {
    redirectUris: [redirectUri],
    postLogoutRedirectUris: [],
    tokenEndpointAuthMethod: 'client_secret_basic',
    idTokenSignedResponseAlg: 'RS256',
    fapi: false,
    ...registration,
  };
  await queryAsOwner(stack, 'UPDATE "RelyingParty" SET oidc = $2, "secretDigest" = $3 WHERE id = $1', [
    party.id,
    JSON.stringify(row),
    row.tokenEndpointAuthMethod === 'private_key_jwt' ? null : tokenDigest(secret),
  ]);
  const config = await discover(gateway, party.id, row, authentication ?? oidc.ClientSecretBasic(secret));
  return { ...party, secret, redirectUri: row.redirectUris[0] ?? redirectUri, config };
}

const discover = (
  { url }: Pick<GatewayInProcess, 'url'>,
  clientId: string,
  { idTokenSignedResponseAlg, userinfoSignedResponseAlg }: OidcRegistration,
  authentication: oidc.ClientAuth,
): Promise<oidc.Configuration> =>
  oidc.discovery(
    new URL(`${url}/oidc`),
    clientId,
    {
      id_token_signed_response_alg: idTokenSignedResponseAlg,
      ...(userinfoSignedResponseAlg && { userinfo_signed_response_alg: userinfoSignedResponseAlg }),
    },
    authentication,
    { execute: [oidc.allowInsecureRequests] },
  );

/** A request that a party has sent a browser on. */
export interface StartedRequest {
  readonly party: OidcParty;
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly address: URL;
}

/** The address to which a party sends a browser. `undefined` in `params` leaves a parameter out. */
export async function authorizationRequest(
  party: OidcParty,
  params: Record<string, string | undefined> = {},
): Promise<StartedRequest> {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const all = {
    redirect_uri: party.redirectUri,
    scope: allScopes,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...{ state, nonce },
    ...params,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    ...{ party, verifier, state, nonce },
    address: oidc.buildAuthorizationUrl(party.config, Object.fromEntries(given)),
  };
}

/** The opaque id of the request that an answer leads to. @throws Error if it leads elsewhere */
export function requestIdOf({ location, status, text }: BrowserAnswer): string {
  const [, id] = /\/identify\/([\w-]+)$/.exec(location ?? '') ?? [];
  if (!id) throw new Error(`no request: ${status} ${location} ${text}`);
  return id;
}

/** Begins a request in a browser. */
export async function begin(
  browser: PlainBrowser,
  party: OidcParty,
  params: Record<string, string | undefined> = {},
): Promise<StartedRequest & { id: string }> {
  const request = await authorizationRequest(party, params);
  return { ...request, id: requestIdOf(await browser.get(request.address)) };
}

/** Pushes a request of a party that has a secret. */
export async function push(
  { url }: Pick<GatewayInProcess, 'url'>,
  { party, address }: StartedRequest,
): Promise<{ request_uri?: string; error?: string }> {
  const pushed = await fetch(`${url}/oidc/request`, {
    method: 'POST',
    headers: { Authorization: `Basic ${Buffer.from(`${party.id}:${party.secret}`).toString('base64')}` },
    body: address.searchParams,
  });
  return (await pushed.json()) as { request_uri?: string; error?: string };
}

/** All that the gateway keeps between requests, as text. A pushed request is kept as a token: what that says, too. */
export async function keptArtefacts(stack: Stack): Promise<string> {
  const rows = await queryAsOwner<{ payload: { request?: string } }>(
    stack,
    'SELECT payload FROM "OidcArtefact"',
  );
  return rows
    .map(({ payload }) => {
      const pushed = Buffer.from(payload.request?.split('.')[1] ?? '', 'base64url').toString();
      return `${JSON.stringify(payload)} ${pushed}`;
    })
    .join();
}

/** What the pages do: the citizen identifies at the API, and the request ends. Returns the answer that leads back. */
export async function succeed(
  stack: Stack,
  { url }: Pick<GatewayInProcess, 'url'>,
  browser: PlainBrowser,
  { id, party }: { id: string; party: OidcParty },
  citizen: Citizen,
  { withSms = false }: { withSms?: boolean } = {},
): Promise<BrowserAnswer> {
  const token = await (withSms ? boundSessionWithSms : boundSession)(stack, party, citizen);
  const { body } = await identify(stack, party, token);
  const ended = await browser.post(`${url}/identify/${id}/succeed`, body as Record<string, string>);
  return ended.location ? browser.get(ended.location) : ended;
}

/** Follows the redirects of the gateway up to the one that leaves it. */
export async function followHome(
  { url }: Pick<GatewayInProcess, 'url'>,
  browser: PlainBrowser,
  answer: BrowserAnswer,
): Promise<BrowserAnswer> {
  let at = answer;
  while (at.location?.startsWith(url)) at = await browser.get(at.location);
  return at;
}

/** A whole flow up to the address with the code. */
export async function identifyIn(
  stack: Stack,
  gateway: Pick<GatewayInProcess, 'url'>,
  browser: PlainBrowser,
  party: OidcParty,
  citizen: Citizen,
  { withSms, ...params }: { withSms?: boolean } & Record<string, string | boolean | undefined> = {},
): Promise<StartedRequest & { readonly back: URL }> {
  const request = await begin(browser, party, params as Record<string, string | undefined>);
  const done = await succeed(stack, gateway, browser, request, citizen, withSms ? { withSms } : {});
  const { location, status, text } = await followHome(gateway, browser, done);
  if (!location) throw new Error(`does not lead back: ${status} ${text}`);
  return { ...request, back: new URL(location) };
}

/** Redeems the code of an address. */
export const redeem = (
  { party, verifier, state, nonce }: StartedRequest,
  back: URL,
  options: oidc.AuthorizationCodeGrantOptions = {},
) =>
  oidc.authorizationCodeGrant(
    party.config,
    back,
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
    undefined,
    options,
  );
