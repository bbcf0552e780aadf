import { lookup as resolve } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What an endpoint answered, or why there was no answer: a code. */
export type EndpointAnswer = { readonly status: number } | { readonly failure: string };

interface Options {
  /** Relying parties may be on this machine, over http. */
  readonly loopbackPermitted: boolean;
  readonly timeoutMs?: number;
}

/** A relying party answers within this time (ms), or has not. */
const defaultTimeoutMs = 5_000;

/**
 * Posts a form to an address that the operator has registered for a relying party. Redirects are not followed, and no body
 * is read. The address that its name resolves to is checked on the connection itself, so that a name which changes between
 * a check and the call reaches nothing else.
 */
export function postForm(
  address: string,
  form: Readonly<Record<string, string>>,
  { loopbackPermitted, timeoutMs = defaultTimeoutMs }: Options,
): Promise<EndpointAnswer> {
  const url = new URL(address);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isPermitted = (ip: string) =>
    url.protocol === 'http:' ? isLoopback(ip) : isPermittedAddress(ip, loopbackPermitted);
  if (url.protocol !== 'https:' && !(loopbackPermitted && url.protocol === 'http:'))
    return Promise.resolve({ failure: 'not-https' });
  // Without a name there is nothing to resolve.
  if (isIP(host) !== 0 && !isPermitted(host)) return Promise.resolve({ failure: 'address-refused' });
  const body = new URLSearchParams(form).toString();
  return new Promise((settle) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Content-Length': Buffer.byteLength(body),
        Connection: 'close',
      },
      agent: false,
      lookup: checkedLookup(isPermitted),
      maxHeaderSize: 8_192,
      signal: AbortSignal.timeout(timeoutMs),
    });
    request.on('response', (response) => {
      settle({ status: response.statusCode ?? 0 });
      response.destroy();
    });
    request.on('error', (error: NodeJS.ErrnoException) => settle({ failure: failureOf(error) }));
    request.end(body);
  });
}

class AddressRefused extends Error {}

/** Resolves a name, unless any of its addresses is not permitted. */
const checkedLookup =
  (isPermitted: (ip: string) => boolean): LookupFunction =>
  (hostname, options, callback) =>
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '');
      const [first] = addresses;
      if (!first || !addresses.every(({ address }) => isPermitted(address)))
        return callback(new AddressRefused(), '');
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

const isLoopback = (ip: string): boolean => ipaddr.process(ip).range() === 'loopback';

/**
 * Whether relying parties may be at an address: public ones, and those of private networks, in which administrations reach
 * each other. Never this machine, its link (where clouds answer with credentials), or what is no address of one host.
 */
export function isPermittedAddress(ip: string, loopbackPermitted: boolean): boolean {
  const range: string = ipaddr.process(ip).range();
  return ['unicast', 'private', 'uniqueLocal'].includes(range) || (loopbackPermitted && range === 'loopback');
}

function failureOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AddressRefused) return 'address-refused';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'timeout';
  // Codes of Node and OpenSSL: `ECONNREFUSED`, `CERT_HAS_EXPIRED`.
  return (error.code ?? 'failed').toLowerCase().replaceAll('_', '-').slice(0, 40);
}
