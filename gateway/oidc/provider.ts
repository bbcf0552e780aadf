import type { Request, Response } from 'express';
import { errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import type { Level } from '../../domain/assurance.ts';
import { lengthMs } from '../../domain/durations.ts';
import { signingAlgorithms } from '../../domain/gateway/party-keys.ts';
import { languages } from '../../domain/languages.ts';
import { identificationRequests, oidcLifetimes } from '../../domain/limits.ts';
import type { SecretKey } from '../../platform/config.ts';
import type { Logger } from '../../platform/log.ts';
import { KeyRing, sameSecret, tokenDigest } from '../../platform/secrets.ts';
import { permitAnyFormAction } from '../../web/http/security-headers.ts';
import type { FlowPages } from '../flow/flow-pages.ts';
import type { FindIdentification } from '../flow/identifications.ts';
import { findRelyingParty, viewOf } from '../flow/relying-parties.ts';
import type { RequestBinding } from '../flow/request-binding.ts';
import { readsOf } from '../flow/request-reads.ts';
import type { KeySet } from '../keys/gateway-keys.ts';
import { createFindAccount, readAccountId } from './accounts.ts';
import { Artefacts, isFirstUse, noStorage, unavailable } from './artefacts.ts';
import { claimsByScope } from './attribute-claims.ts';
import { createClients, fapiProperty } from './clients.ts';
import { clockTolerance } from './find-interaction.ts';
import { acrValues, higher } from './floor.ts';
import { citizensRealm, type Realm } from './realm.ts';
import {
  assertClaims,
  checkRequest,
  createInteractionPolicy,
  type InteractionDetails,
  requestedFloorOf,
} from './request-checks.ts';

/** What one provider is made of. It is made anew when the keys change. */
export interface ProviderDependencies {
  readonly issuer: string;
  readonly keys: KeySet;
  readonly secretKeys: readonly [SecretKey, ...SecretKey[]];
  readonly db: Pick<Pool, 'query'>;
  readonly findIdentification: FindIdentification;
  readonly binding: RequestBinding;
  readonly pages: () => Pick<FlowPages, 'showError'>;
  readonly log: Logger;
  /** That of citizens, unless it is said. */
  readonly realm?: Realm;
  /** Called for each request that a citizen is sent with. */
  readonly onStart: (relyingPartyId: string, floor: Level) => void;
  /** Called for each error that a relying party or a citizen is answered. `relyingPartyId`: empty if the registry has none. */
  readonly onError: (relyingPartyId: string, route: string, code: string) => void;
}

const seconds = (duration: string): number => lengthMs(duration) / 1_000;
const { life, gracePeriod } = identificationRequests;
const { code, idToken, accessToken, clientAssertion } = oidcLifetimes;

/** The algorithms by which a party of FAPI 2.0 may sign. */
const fapiAlgorithms: readonly string[] = ['PS256', 'ES256'];

/** Names of cookies that no other site on the host has. */
export const cookieNames = {
  session: 'clave-gateway-none',
  interaction: 'clave-gateway-request',
  resume: 'clave-gateway-resume',
} as const;

/** Creates the OpenID Connect provider ([OIDC-Core]; docs/adr/0051). */
export function createProvider(dependencies: ProviderDependencies): Provider {
  const { issuer, keys, secretKeys, db, findIdentification, pages, log, onStart, onError } = dependencies;
  const { binding, realm = citizensRealm } = dependencies;
  const ring = new KeyRing(secretKeys);
  const isSecure = issuer.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure: isSecure, signed: true } as const;
  const clients = createClients(db, realm);
  const floorOfParty = async (ctx: KoaContextWithOIDC): Promise<Level> => {
    const party = await findRelyingParty(db, ctx.oidc.client?.clientId, readsOf(ctx.req)).catch(
      (cause: unknown) => {
        throw unavailable(cause);
      },
    );
    // Removed at this moment.
    return party ? higher(party.floor, requestedFloorOf(ctx)) : 'high';
  };

  const provider = new Provider(issuer, {
    adapter: (kind: string) =>
      kind === 'Client' ? clients : kind === 'Session' ? noStorage : new Artefacts(db, kind, realm),
    jwks: { keys: keys.keys as never[] },
    cookies: {
      names: cookieNames,
      keys: secretKeys.map(({ id }) => ring.subkey('gateway-signature', id).toString('base64url')),
      short: cookie,
      long: cookie,
    },
    acrValues: [...acrValues],
    claims: Object.fromEntries(Object.entries(claimsByScope).map(([scope, names]) => [scope, [...names]])),
    scopes: ['openid'],
    responseTypes: ['code'],
    subjectTypes: ['pairwise'],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: () => false,
    clockTolerance,
    pkce: { required: () => true },
    discovery: { ui_locales_supported: [...languages], claims_locales_supported: undefined },
    enabledJWA: {
      idTokenSigningAlgValues: [...signingAlgorithms],
      userinfoSigningAlgValues: [...signingAlgorithms],
      clientAuthSigningAlgValues: [...signingAlgorithms],
      dPoPSigningAlgValues: ['ES256'],
    },
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true, assertClaimsParameter: (ctx, claims) => assertClaims(ctx, claims) },
      dPoP: { enabled: true },
      fapi: { enabled: true, profile: (_ctx, client) => (client?.[fapiProperty] ? '2.0' : undefined) },
      pushedAuthorizationRequests: { enabled: true },
      resourceIndicators: { enabled: false },
      jwtUserinfo: { enabled: true },
      backchannelLogout: { enabled: true },
      // Discovery names the endpoint; ours answers there.
      rpInitiatedLogout: { enabled: true },
    },
    extraClientMetadata: { properties: [fapiProperty] },
    // `acr_values` is no extra parameter: this is where checks of our own may stand.
    extraParams: { acr_values: (ctx: KoaContextWithOIDC) => checkRequest(ctx) },
    ttl: {
      // The page that says that the time is over still leads back.
      Interaction: seconds(life) + seconds(gracePeriod),
      Session: 1,
      AuthorizationCode: seconds(code),
      IdToken: seconds(idToken),
      // Set where it is made.
      Grant: seconds(accessToken),
      AccessToken: (ctx) => {
        const endsAt = ctx.oidc.entities.Grant?.exp ?? 0;
        return Math.max(1, Math.min(seconds(accessToken), endsAt - Math.floor(Date.now() / 1_000)));
      },
    },
    expiresWithSession: () => false,
    findAccount: createFindAccount(db, findIdentification),
    pairwiseIdentifier: (_ctx, accountId) => readAccountId(accountId).subject,
    sectorIdentifierUriValidate: () => false,
    assertJwtClientAuthClaimsAndHeader(ctx, claims, header) {
      // [FAPI2] 5.3.2.1; the endpoint's own address is what older clients send.
      if (ctx.oidc.isFapi('2.0') && claims['aud'] !== issuer)
        throw new errors.InvalidClientAuth('aud must be the issuer');
      // [FAPI2] 5.4.1
      if (ctx.oidc.isFapi('2.0') && !fapiAlgorithms.includes(String(header['alg'])))
        throw new errors.InvalidClientAuth('alg must be PS256 or ES256');
      if (Number(claims['exp']) - Date.now() / 1_000 > seconds(clientAssertion))
        throw new errors.InvalidClientAuth('exp is too far away');
    },
    interactions: {
      policy: createInteractionPolicy(floorOfParty),
      url(ctx, interaction) {
        const { floor } = interaction.prompt.details as unknown as InteractionDetails;
        if (realm.isCounted) onStart(ctx.oidc.client?.clientId ?? '', floor);
        binding.bind(ctx.req as Request, ctx.res as Response, interaction.uid);
        return realm.addressOfRequest(interaction.uid);
      },
    },
    async renderError(ctx, { error, error_description: description }) {
      const party = await findRelyingParty(db, ctx.oidc?.client?.clientId, readsOf(ctx.req)).catch(
        () => undefined,
      );
      const relyingParty = party && viewOf(party, party.homeUrl);
      // The page is written by Express, on the same response.
      ctx.respond = false;
      const status = ctx.status >= 500 ? 503 : ctx.status >= 400 ? ctx.status : 400;
      pages().showError(ctx.req as Request, ctx.res as Response, {
        ...{ status, code: String(error), relyingParty },
        description: description === undefined ? undefined : String(description),
      });
    },
  });

  // Only a digest of the secret is stored.
  provider.Client.prototype.compareClientSecret = function compareClientSecret(actual) {
    return sameSecret(tokenDigest(actual), this.clientSecret ?? '');
  };
  provider.ReplayDetection.unique = (iss, jti, exp) => isFirstUse(db, iss, jti, exp);
  // Behind the mount each request has the scheme and host of the issuer (`mount.ts`).
  provider.proxy = true;
  // Its own log would have what a client has sent.
  provider.silent = true;
  provider.on('server_error', (ctx, error) => {
    log.error({ err: error }, 'openid connect failed');
    onError(ctx.oidc?.client?.clientId ?? '', ctx.oidc?.route ?? 'none', 'server_error');
  });
  const count = (ctx: KoaContextWithOIDC, { error }: errors.OIDCProviderError) =>
    onError(ctx.oidc?.client?.clientId ?? '', ctx.oidc?.route ?? 'none', error);
  provider.on('authorization.error', count);
  provider.on('grant.error', count);
  provider.on('userinfo.error', count);
  provider.on('pushed_authorization_request.error', count);
  provider.use(withoutSession);
  provider.use(permitFormPost);
  return provider;
}

/** No session of the provider reaches the browser: the next relying party must not find the citizen identified. */
async function withoutSession(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const lines = ctx.response.headers['set-cookie'];
  if (!Array.isArray(lines)) return;
  const kept = lines.filter((line) => !line.startsWith(cookieNames.session));
  if (kept.length > 0) ctx.set('Set-Cookie', kept);
  else ctx.remove('Set-Cookie');
}

/** `response_mode=form_post`: the provider's own page posts to the relying party, at an address that was found registered. */
async function permitFormPost(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next();
  const { response_mode: mode } = ctx.oidc?.params ?? {};
  const isPage = typeof ctx.body === 'string' && ctx.response.is('html');
  if (mode === 'form_post' && isPage) permitAnyFormAction(ctx.res as Response);
}
