import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import type { ServiceSettings } from '../../platform/config.ts';
import { parseNetworkAddress, unreadableAddress } from '../../platform/network-address.ts';
import { sameSecret } from '../../platform/secrets.ts';
import type { ComponentKind } from './route.ts';

/** The keys of server-side front-ends and of the certificate listener. Without one, no request comes from it. */
export type FrontEndKeys = Pick<ServiceSettings, 'FRONT_END_KEY' | 'GATEWAY_KEY' | 'CERTIFICATE_KEY'>;

/**
 * The client's address. A server-side front-end passes it in `Forwarded` (RFC 7239), which counts only with the
 * front-end's key. The number of proxies is the setting TRUST_PROXY, which Express applies to `request.ip`. A text that is
 * no address stands for a client of its own (`unreadableAddress`), not for all whose address is unreadable.
 */
export function clientAddress(request: Request, keys: FrontEndKeys): string {
  const forwarded = isFrontEnd(request, keys) ? forwardedFor(request.get('Forwarded')) : undefined;
  const text = forwarded ?? request.ip ?? '';
  return parseNetworkAddress(text) ?? unreadableAddress(text);
}

/** Whether the request comes from a server that speaks for a browser: the pages, the gateway or the certificate listener. */
export const isFrontEnd = (request: Request, keys: FrontEndKeys): boolean =>
  frontEndOf(request, keys) !== undefined || isCertificateListener(request, keys);

/** The front-ends that send browsers to the certificate listener. */
export type FrontEnd = 'portal' | 'gateway';

/** The header with the key of the citizens' pages. */
export const frontEndKeyHeader = 'X-Front-End-Key';

/** The front-end whose key a request has. */
export const frontEndOf = (request: Request, keys: FrontEndKeys): FrontEnd | undefined => {
  if (isGateway(request, keys)) return 'gateway';
  return hasKey(request, frontEndKeyHeader, keys.FRONT_END_KEY) ? 'portal' : undefined;
};

/** The header with the certificate listener's key. */
export const certificateKeyHeader = 'X-Certificate-Key';

/** Whether the request comes from the certificate listener. */
export const isCertificateListener = (
  request: Request,
  { CERTIFICATE_KEY }: Pick<FrontEndKeys, 'CERTIFICATE_KEY'>,
): boolean => hasKey(request, certificateKeyHeader, CERTIFICATE_KEY);

/** The header with the gateway's key. */
export const gatewayKeyHeader = 'X-Gateway-Key';

/** Whether the request comes from the gateway. */
export const isGateway = (request: Request, { GATEWAY_KEY }: Pick<FrontEndKeys, 'GATEWAY_KEY'>): boolean =>
  hasKey(request, gatewayKeyHeader, GATEWAY_KEY);

/** Whether a request has the key of a part of the service. */
export const isComponent: Readonly<Record<ComponentKind, (request: Request, keys: FrontEndKeys) => boolean>> =
  {
    'front-end': (request, keys) => frontEndOf(request, keys) !== undefined,
    'certificate-listener': isCertificateListener,
  };

function hasKey(request: Request, header: string, key: string | undefined): boolean {
  const given = request.get(header);
  return Boolean(key && given && sameSecret(given, key));
}

/** The unit that rate limits count: an IPv4 address, or an IPv6 /64 network, which one household has. */
export function rateLimitKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const [network] = ipaddr.parseCIDR(`${parsed.toString()}/64`);
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${network.toString()}/64`).toString()}/64`;
}

/** An address as citizens see it: IPv4 without its last octet, IPv6 to its /48. Undefined if it is none. */
export function maskAddress(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4'
    ? parsed.toString().replace(/\d+$/, '•')
    : `${parsed.toNormalizedString().split(':').slice(0, 3).join(':')}:•`;
}

/**
 * The `for` of the header's first element: the client as the front-end saw it. Undefined without one, and for `unknown`
 * ([RFC7239] 6.2): then the front-end's own address counts.
 */
function forwardedFor(header = ''): string | undefined {
  for (const [, name = '', value = '', end] of header.matchAll(forwardedPair)) {
    const node = value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
    if (name.toLowerCase() === 'for' && node !== '')
      return node.toLowerCase() === 'unknown' ? undefined : node;
    if (end === ',') return undefined;
  }
  return undefined;
}

// [RFC7239] 4, but that an address with a port or in brackets may lack its quotes.
const forwardedPair = /\s*(?:([\w-]+)=("(?:[^"\\]|\\.)*"|[^;,"\s]*))?\s*(;|,|$)/gy;
