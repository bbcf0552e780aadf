import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, type JWTVerifyResult, jwtVerify } from 'jose';
import type { OidcParty } from './oidc-party.ts';

/** Where a relying party is told of logouts. */
export interface LogoutEndpoint {
  readonly url: string;
  /** The logout tokens that it was sent, also those that it refused. */
  readonly tokens: readonly string[];
  stop(): void;
}

/** Starts an endpoint. `answer`: the status for the n-th token, or nothing: it hangs. */
export async function startLogoutEndpoint(
  answer: (nth: number) => number | undefined = () => 200,
): Promise<LogoutEndpoint> {
  const tokens: string[] = [];
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      tokens.push(new URLSearchParams(Buffer.concat(chunks).toString()).get('logout_token') ?? '');
      const status = answer(tokens.length);
      if (status !== undefined) response.writeHead(status).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/logout`,
    tokens,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Checks a logout token as a relying party must ([OIDC-BackChannel] 2.6). */
export function verifyLogoutToken(party: OidcParty, token: string): Promise<JWTVerifyResult> {
  const { issuer, jwks_uri: keys = '' } = party.config.serverMetadata();
  return jwtVerify(token, createRemoteJWKSet(new URL(keys)), {
    ...{ issuer, audience: party.id, typ: 'logout+jwt', algorithms: ['RS256'] },
    requiredClaims: ['iat', 'exp', 'jti', 'sub', 'sid', 'events'],
  });
}
