import type { DemoCard } from './cards.ts';
import { certificatePem } from './issue-certificate.ts';
import { pkcs12 } from './pkcs12.ts';

/** The password of every PKCS#12 file of the demo. */
export const pkcs12Password = 'demo';

/** A card as PEM: certificate, its issuer's, and the key, for programs such as curl. */
export const cardPem = (card: DemoCard): string =>
  `${cardChainPem(card)}${card.privateKey.export({ type: 'pkcs8', format: 'pem' })}`;

/** The certificates of a card as PEM. */
export const cardChainPem = ({ certificate, issuerCertificate }: DemoCard): string =>
  certificatePem(certificate) + certificatePem(issuerCertificate);

/** A card as PKCS#12, for browsers. */
export const cardPkcs12 = ({ id, certificate, issuerCertificate, privateKey }: DemoCard): Promise<Buffer> =>
  pkcs12({ privateKey, chain: [certificate, issuerCertificate], label: `DEMO ${id}` }, pkcs12Password);
