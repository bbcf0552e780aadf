import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { OidcRegistration } from '../../domain/gateway/party-file.ts';
import type { GatewayInProcess } from '../environment/gateway-in-process.ts';
import type { Stack } from '../environment/stack.ts';
import { registerOidcParty } from './oidc-party.ts';

/** How a new party authenticates with its key; `claims` replace those of a good assertion. */
export async function clientAssertion(
  stack: Stack,
  gateway: Pick<GatewayInProcess, 'url'>,
  claims: Record<string, unknown>,
): Promise<Record<string, string>> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }];
  const registration = {
    tokenEndpointAuthMethod: 'private_key_jwt',
    jwks: { keys },
  } as Partial<OidcRegistration>;
  const { id } = await registerOidcParty(stack, gateway, { registration });
  const [iat, jti, aud] = [Math.floor(Date.now() / 1_000), crypto.randomUUID(), `${gateway.url}/oidc`];
  const payload = { iss: id, sub: id, ...{ aud, jti, iat, exp: iat + 60 }, ...claims };
  const client_assertion = await new SignJWT(payload)
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(privateKey);
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return { client_assertion_type, client_assertion };
}
