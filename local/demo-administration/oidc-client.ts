import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as openid from 'openid-client';

/** Levels by the name that a relying party asks for them. */
export const levels = ['low', 'substantial', 'high'] as const;
export type Level = (typeof levels)[number];

/** What the citizen of this site is asked for: each is a scope. */
export const scopes = ['profile', 'email', 'phone', 'nif'] as const;

const acrOf = (level: Level): string => `http://eidas.europa.eu/LoA/${level}`;

/** What a request asks for. */
export interface Asked {
  readonly level: Level;
  readonly scopes: readonly string[];
  readonly language: string;
  /** Whether the request is sent from server to server, before the browser is redirected. */
  readonly pushed: boolean;
}

/** What this site remembers of a request until its answer comes. */
export interface PendingRequest {
  readonly asked: Asked;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** What came back, in full. */
export interface Identified {
  readonly asked: Asked;
  readonly level: string;
  readonly idToken: string;
  readonly idTokenHeader: Readonly<Record<string, unknown>>;
  readonly idTokenClaims: Readonly<Record<string, unknown>>;
  readonly userinfo: Readonly<Record<string, unknown>>;
  /** The answer of the token endpoint, without the tokens themselves. */
  readonly tokenAnswer: Readonly<Record<string, unknown>>;
}

/** Where this site is registered. */
export interface Registration {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Of this site. */
  readonly origin: string;
}

/** This site as a client of the gateway: what an administration writes to use it. */
export function createOidcClient({ issuer, clientId, clientSecret, origin }: Registration) {
  let discovering: Promise<openid.Configuration> | undefined;
  /** Once; again if the gateway did not answer. On the own machine everything is http. */
  const discover = (): Promise<openid.Configuration> => {
    discovering ??= openid
      .discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), {
        execute: [openid.allowInsecureRequests],
        timeout: 10,
      })
      .catch((error: unknown) => {
        discovering = undefined;
        throw error;
      });
    return discovering;
  };
  const redirectUri = `${origin}/back`;

  return {
    /** Starts a request. @returns where the browser goes, and what is remembered until the answer comes */
    async start(asked: Asked): Promise<{ url: URL; pending: PendingRequest }> {
      const config = await discover();
      const [state, nonce] = [openid.randomState(), openid.randomNonce()];
      const codeVerifier = openid.randomPKCECodeVerifier();
      const parameters = {
        redirect_uri: redirectUri,
        scope: ['openid', ...asked.scopes].join(' '),
        acr_values: acrOf(asked.level),
        code_challenge: await openid.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        ...{ state, nonce },
        ...(asked.language && { ui_locales: asked.language }),
      };
      const url = asked.pushed
        ? await openid.buildAuthorizationUrlWithPAR(config, parameters)
        : openid.buildAuthorizationUrl(config, parameters);
      return { url, pending: { asked, state, nonce, codeVerifier } };
    },

    /** Redeems the code that the browser brought, and asks for the attributes. @throws what openid-client throws */
    async finish(callback: URL, { asked, state, nonce, codeVerifier }: PendingRequest): Promise<Identified> {
      const config = await discover();
      const tokens = await openid.authorizationCodeGrant(config, callback, {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (!claims || !tokens.id_token) throw new Error('no ID token came back');
      const level = levelOf(claims['acr']);
      // The gateway refuses by itself to answer below the level; a relying party checks it all the same.
      if (!isEnough(level, asked.level))
        throw new Error(`${asked.level} was asked for, and ${level} came back`);
      const userinfo = await openid.fetchUserInfo(config, tokens.access_token, claims.sub);
      const { access_token: _access, id_token: idToken, ...tokenAnswer } = tokens;
      const idTokenHeader = { ...decodeProtectedHeader(idToken) };
      return { asked, level, idToken, idTokenHeader, idTokenClaims: claims, userinfo, tokenAnswer };
    },

    /** Where the browser goes to sign out there too. */
    async signOut(idToken: string, state: string): Promise<URL> {
      return openid.buildEndSessionUrl(await discover(), {
        post_logout_redirect_uri: `${origin}/signed-out`,
        id_token_hint: idToken,
        state,
      });
    },

    /** Which session a logout token ends. @throws if it is not the gateway's, or not for this site */
    async sessionToEnd(logoutToken: string): Promise<string> {
      const { jwks_uri: keys = '' } = (await discover()).serverMetadata();
      const { payload } = await jwtVerify(logoutToken, createRemoteJWKSet(new URL(keys)), {
        ...{ issuer, audience: clientId, clockTolerance: 30, requiredClaims: ['jti', 'iat', 'events'] },
      });
      const events = payload['events'] as Record<string, unknown>;
      if (!('http://schemas.openid.net/event/backchannel-logout' in events) || 'nonce' in payload)
        throw new Error('no logout token');
      return String(payload['sid']);
    },
  };
}

export type OidcClient = ReturnType<typeof createOidcClient>;

const levelOf = (acr: unknown): string => String(acr).replace('http://eidas.europa.eu/LoA/', '');
const isEnough = (level: string, asked: Level): boolean =>
  (levels as readonly string[]).indexOf(level) >= levels.indexOf(asked);
