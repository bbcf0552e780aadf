import { request } from 'node:https';
import { LOOPBACK } from '../servers/ports.ts';
import { cardChainPem } from './pki/card-files.ts';
import type { DemoCard } from './pki/cards.ts';

/** What the listener answered: where the browser goes, or a page with a status. */
export interface Presented {
  readonly status: number;
  readonly location: string | undefined;
}

/**
 * The algorithms of an old card: PKCS#1 v1.5 only, beside what the listener's own certificate needs. OpenSSL then has none for
 * this key in TLS 1.3, and sends no certificate, without a word, as the drivers of these cards do.
 */
const oldCardAlgorithms = 'ECDSA+SHA256:RSA+SHA256';

const timeoutMs = 30_000;

/** Whether a card may be presented at an address: at the listeners of this machine only. */
export const isListener = (url: URL): boolean =>
  url.protocol === 'https:' && /(?:^|\.)localhost$/.test(url.hostname) && url.username === '';

/**
 * Presents a card at the address of a ticket, by a TLS handshake of its own, in the place of the browser. Node resolves no name
 * below localhost: it connects to this machine, and names the host in SNI and Host. `authority`: of the listener, as PEM.
 */
export function presentCard(url: URL, card: DemoCard, authority: string): Promise<Presented> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: LOOPBACK,
        port: url.port || 443,
        servername: url.hostname,
        path: `${url.pathname}${url.search}`,
        headers: { Host: url.host, 'User-Agent': 'Card reader of the demonstration' },
        ca: authority,
        cert: cardChainPem(card),
        key: card.privateKey.export({ type: 'pkcs8', format: 'pem' }),
        ...(card.isOld && { sigalgs: oldCardAlgorithms }),
        agent: false,
        timeout: timeoutMs,
      },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, location: response.headers.location });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('the listener does not answer')));
    asked.once('error', reject);
    asked.end();
  });
}
