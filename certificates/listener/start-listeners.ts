import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import type { CertificateSettings } from '../../platform/certificate-settings.ts';
import { createPageServer } from '../../web/http/page-server.ts';
import { createTlsServer } from './tls-server.ts';

/** Certificates in a header are longer than other headers: ten of them, in base64. */
const maxHeaderBytes = 65_536;

/** The servers that listen, each with its port. */
export interface Listeners {
  readonly servers: readonly Server[];
  /** `olderCards` is absent behind a proxy, which has the versions of TLS in its own hands. */
  readonly ports: { readonly current: number; readonly olderCards?: number };
}

/** Starts the two TLS listeners or, with CERTIFICATE_HEADER, one plain listener for a proxy. */
export async function startListeners(
  application: Express,
  settings: CertificateSettings,
  onFailedHandshake: () => void = () => undefined,
): Promise<Listeners> {
  const { CERTIFICATE_PORT, OLDER_CARD_PORT, CERTIFICATE_TLS_CERT, CERTIFICATE_TLS_KEY, LISTEN_HOST } =
    settings;
  const listen = async (server: Server, port: number): Promise<number> => {
    server.listen({ port, host: LISTEN_HOST });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  if (settings.CERTIFICATE_HEADER || !CERTIFICATE_TLS_CERT || !CERTIFICATE_TLS_KEY) {
    const server = createPageServer(application, {}, undefined, { maxHeaderSize: maxHeaderBytes });
    return { servers: [server], ports: { current: await listen(server, CERTIFICATE_PORT) } };
  }
  const identity = { cert: readFileSync(CERTIFICATE_TLS_CERT), key: readFileSync(CERTIFICATE_TLS_KEY) };
  const current = createTlsServer(application, { identity, isForOlderCards: false, onFailedHandshake });
  const older = createTlsServer(application, { identity, isForOlderCards: true, onFailedHandshake });
  return {
    servers: [current, older],
    ports: {
      current: await listen(current, CERTIFICATE_PORT),
      olderCards: await listen(older, OLDER_CARD_PORT),
    },
  };
}
