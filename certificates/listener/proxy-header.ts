import { X509Certificate } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { certificateChecks } from '../../domain/limits.ts';
import { sameSecret } from '../../platform/secrets.ts';

/** The ways in which proxies pass on the certificate of a browser. */
export const headerForms = ['rfc9440', 'nginx', 'envoy'] as const;
export type HeaderForm = (typeof headerForms)[number];

/** The header with the key by which a proxy shows that it is one of ours. */
export const hopKeyHeader = 'x-certificate-hop-key';

const maxPresented = certificateChecks.presented + 1;

/**
 * The certificates that a proxy passes on, DER, the leaf first: none without the hop key, since anybody can send a header, and
 * none where the header is not of its form.
 */
export function chainFromHeader(
  headers: IncomingHttpHeaders,
  { form, hopKey }: { form: HeaderForm; hopKey: string },
): Uint8Array[] {
  const given = headers[hopKeyHeader];
  if (typeof given !== 'string' || !sameSecret(given, hopKey)) return [];
  try {
    return readers[form](headers).slice(0, maxPresented);
  } catch {
    return [];
  }
}

type Reader = (headers: IncomingHttpHeaders) => Uint8Array[];

const readers: Readonly<Record<HeaderForm, Reader>> = {
  /** [RFC9440]: byte sequences of structured fields. */
  rfc9440: (headers) => {
    const leaf = byteSequences(text(headers, 'client-cert'));
    return leaf.length === 1 ? [...leaf, ...byteSequences(text(headers, 'client-cert-chain'))] : [];
  },
  /** `$ssl_client_escaped_cert`, with `$ssl_client_verify` and `$ssl_session_reused`. */
  nginx: (headers) => {
    const verified = text(headers, 'x-ssl-client-verify');
    const isReused = text(headers, 'x-ssl-session-reused') !== '.';
    // A header that came twice is joined by commas: one of them is not the proxy's.
    if (verified === '' || verified === 'NONE' || verified.includes(',') || isReused) return [];
    const presented = pemCertificates(decodeURIComponent(text(headers, 'x-ssl-client-cert')));
    return presented.length === 1 ? presented : [];
  },
  /** One element of `x-forwarded-client-cert`: several would be those of several proxies. */
  envoy: (headers) => {
    const pairs = new Map<string, string>();
    const header = text(headers, 'x-forwarded-client-cert');
    let end = 0;
    for (const match of header.matchAll(/\s*([A-Za-z]+)=(?:"((?:[^"\\]|\\.)*)"|([^;,"]*))(;|$)/gy)) {
      const [whole, name = '', quoted, plain = ''] = match;
      pairs.set(name.toLowerCase(), quoted ?? plain);
      end = match.index + whole.length;
    }
    if (end !== header.length) return [];
    return pemCertificates(decodeURIComponent(pairs.get('chain') ?? pairs.get('cert') ?? ''));
  },
};

/** A header; '' if there is none. */
const text = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

/** The items of a list of byte sequences ([RFC9651] 3.3.5). @throws Error on anything else */
function byteSequences(list: string): Uint8Array[] {
  if (list === '') return [];
  return list.split(',').map((item) => {
    const [, base64] = /^\s*:([A-Za-z0-9+/]+={0,2}):\s*$/.exec(item) ?? [];
    if (!base64) throw new Error('no byte sequence');
    return new Uint8Array(Buffer.from(base64, 'base64'));
  });
}

const pemCertificates = (pem: string): Uint8Array[] =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new Uint8Array(new X509Certificate(each).raw),
  );
