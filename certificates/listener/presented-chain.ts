import type { TLSSocket } from 'node:tls';
import { certificateChecks } from '../../domain/limits.ts';

/** One more than is verified, so that the verifier sees that there are too many. */
const maxPresented = certificateChecks.presented + 1;

/**
 * The certificates that the browser presented in this connection, DER, the leaf first. OpenSSL has proven that it holds the key
 * of the leaf; nothing else that Node says of them is used. A resumed session proves nothing anew: none.
 */
export function presentedChain(
  socket: Pick<TLSSocket, 'getPeerX509Certificate' | 'isSessionReused'>,
): Uint8Array[] {
  if (socket.isSessionReused()) return [];
  const chain: Uint8Array[] = [];
  // Bounded: the issuer of a self-signed certificate is itself.
  let certificate = socket.getPeerX509Certificate();
  while (certificate && chain.length < maxPresented) {
    chain.push(new Uint8Array(certificate.raw));
    const issuer = certificate.issuerCertificate;
    certificate = issuer && !issuer.raw.equals(certificate.raw) ? issuer : undefined;
  }
  return chain;
}
