import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import { sameSecret } from '../../platform/secrets.ts';

/**
 * The client's address. A server-side front-end passes it in `Forwarded` (RFC 7239), which counts only with the
 * front-end's key. The number of proxies is the setting TRUST_PROXY, which Express applies to `request.ip`.
 */
export function clientAddress(request: Request, frontEndKey: string | undefined): string {
  const forwarded = isFrontEnd(request, frontEndKey) ? forwardedFor(request.get('Forwarded')) : undefined;
  return forwarded ?? canonical(request.ip ?? '') ?? 'unknown';
}

/** Whether the request comes from a server-side front-end, by the key in X-Front-End-Key. */
export function isFrontEnd(request: Request, frontEndKey: string | undefined): boolean {
  const key = request.get('X-Front-End-Key');
  return Boolean(frontEndKey && key && sameSecret(key, frontEndKey));
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

/** The first `for=` of the header, without a port: the client as the front-end saw it. */
function forwardedFor(header: string | undefined): string | undefined {
  const [, value = ''] = /^(?:[^,]*;)?\s*for=("[^"]*"|[^;,\s]*)/i.exec(header?.trim() ?? '') ?? [];
  const node = value.replaceAll('"', '');
  const [, address = node] = /^\[(.+)\](?::\d+)?$/.exec(node) ?? /^([0-9.]+):\d+$/.exec(node) ?? [];
  return canonical(address);
}

const canonical = (address: string): string | undefined =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : undefined;
