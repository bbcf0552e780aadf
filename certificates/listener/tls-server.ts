import { constants } from 'node:crypto';
import type { Server } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { Express } from 'express';
import { createPageServer } from '../../web/http/page-server.ts';

/** Of the TLS server itself: PEM. */
export interface TlsIdentity {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

const handshakeTimeoutMs = 10_000;

/**
 * Creates an HTTPS server that asks each browser for a certificate, and accepts any: OpenSSL proves that the browser holds the
 * key, all else is verified by us. `authorized` is never read: of a resumed session without any certificate it says true
 * (nodejs/node#35317). No session can be resumed: SSL_OP_NO_TICKET ends it in TLS 1.2 and 1.3 alike. `isForOlderCards`: no TLS
 * 1.3, whose signatures by RSA-PSS some cards and drivers cannot make; they would send no certificate, without a word.
 */
export function createTlsServer(
  application: Express,
  {
    identity: { cert, key },
    isForOlderCards,
    onFailedHandshake,
  }: { identity: TlsIdentity; isForOlderCards: boolean; onFailedHandshake: () => void },
): Server {
  const tls: ServerOptions = {
    cert,
    key,
    requestCert: true,
    rejectUnauthorized: false,
    secureOptions: constants.SSL_OP_NO_TICKET,
    minVersion: 'TLSv1.2',
    maxVersion: isForOlderCards ? 'TLSv1.2' : 'TLSv1.3',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeTimeoutMs,
  };
  return createPageServer(application, {}, (options, listener) => {
    const server = createServer({ ...options, ...tls }, listener);
    server.on('tlsClientError', (_error, socket) => {
      onFailedHandshake();
      socket.destroy();
    });
    // It has all that a server of `node:http` has, by its own class.
    return server as unknown as Server;
  });
}
