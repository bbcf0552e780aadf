import { type AdapterPayload, Provider } from 'oidc-provider';
import type { Pool } from 'pg';
import { isOpaqueId } from '../flow/opaque-id.ts';
import { findRelyingParty, type RelyingParty } from '../flow/relying-parties.ts';
import { readsOf } from '../flow/request-reads.ts';
import { findArtefact } from './artefact-rows.ts';
import { noStorage, unavailable } from './artefacts.ts';
import type { Realm } from './realm.ts';

/**
 * The registry as the provider's store of clients. The provider validates each row that differs from those it has read.
 * `prefix`: that of the realm (`realm.ts`).
 */
export const createClients = (db: Pick<Pool, 'query'>, { prefix }: Pick<Realm, 'prefix'>) => ({
  ...noStorage,
  find: async (id: string): Promise<AdapterPayload | undefined> => {
    const party = await findClient(db, prefix, id).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    return party?.oidc && party.protocol === 'oidc' ? metadataOf(party) : undefined;
  },
});

async function findClient(
  db: Pick<Pool, 'query'>,
  prefix: string,
  id: string,
): Promise<RelyingParty | undefined> {
  const reads = readsOf(Provider.ctx?.req);
  const code = redeemedCode();
  // One statement puts into `reads` the row of the code, which the provider reads next, and the row of its relying party.
  if (code !== undefined && isOpaqueId(id))
    await findArtefact(db, { kind: 'AuthorizationCode', id: code, prefix }, reads);
  return findRelyingParty(db, id, reads);
}

/** The authorization code of the current token request; undefined in any other request. */
function redeemedCode(): string | undefined {
  const { route, params } = Provider.ctx?.oidc ?? {};
  const code = route === 'token' ? params?.['code'] : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The metadata of a client ([OIDC-Registration] 2). */
export function metadataOf({ id, oidc, secretDigest, sector }: RelyingParty): AdapterPayload {
  if (!oidc) throw new TypeError('no registration for OpenID Connect');
  const { postLogoutRedirectUris = [], backchannelLogoutUri, jwks, userinfoSignedResponseAlg, fapi } = oidc;
  return {
    client_id: id,
    redirect_uris: oidc.redirectUris,
    post_logout_redirect_uris: postLogoutRedirectUris,
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: oidc.tokenEndpointAuthMethod,
    // A digest: `compareClientSecret` is replaced.
    ...(secretDigest && { client_secret: secretDigest }),
    ...(jwks && { jwks }),
    id_token_signed_response_alg: oidc.idTokenSignedResponseAlg ?? 'RS256',
    ...(userinfoSignedResponseAlg && { userinfo_signed_response_alg: userinfoSignedResponseAlg }),
    ...(backchannelLogoutUri && {
      backchannel_logout_uri: backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    ...(fapi && {
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
      [fapiProperty]: true,
    }),
    subject_type: 'pairwise',
    // Never fetched. The provider insists on one where the redirect addresses are on several hosts.
    sector_identifier_uri: `https://${encodeURIComponent(sector)}.invalid/`,
  } as AdapterPayload;
}

/** Marks a client that keeps to FAPI 2.0. */
export const fapiProperty = 'clave_fapi';
