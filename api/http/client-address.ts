import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import { sameSecret } from '../../platform/secrets.ts';

/**
 * The citizen's address. A server-side front-end passes it in `Forwarded` (RFC 7239) and is believed only with its
 * key; proxies in front are counted by TRUST_PROXY, which Express applies to `request.ip`.
 */
export function clientAddress(request: Request, frontEndKey: string | undefined): string {
  const passed = isFrontEnd(request, frontEndKey) ? forwardedFor(request.get('Forwarded')) : undefined;
  return passed ?? canonical(request.ip ?? '') ?? 'unknown';
}

/** Whether a server-side front-end asks, by the key that it shows. */
export function isFrontEnd(request: Request, frontEndKey: string | undefined): boolean {
  const key = request.get('X-Front-End-Key');
  return Boolean(frontEndKey && key && sameSecret(key, frontEndKey));
}

/** What one caller is counted under: an IPv4 address, or the /64 that a household has of IPv6. */
export function rateLimitKey(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const [network] = ipaddr.parseCIDR(`${parsed.toString()}/64`);
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${network.toString()}/64`).toString()}/64`;
}

/** The first `for=` of the header: the client as the front-end saw it, without the port that may go with it. */
function forwardedFor(header: string | undefined): string | undefined {
  const [, value = ''] = /^(?:[^,]*;)?\s*for=("[^"]*"|[^;,\s]*)/i.exec(header?.trim() ?? '') ?? [];
  const node = value.replaceAll('"', '');
  const [, address = node] = /^\[(.+)\](?::\d+)?$/.exec(node) ?? /^([0-9.]+):\d+$/.exec(node) ?? [];
  return canonical(address);
}

const canonical = (address: string): string | undefined =>
  ipaddr.isValid(address) ? ipaddr.process(address).toString() : undefined;
