import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The IP address in the form in which proxies and headers write it: bare, in quotes or brackets, with a port or with a
 * zone. Returns its canonical form (an IPv4-mapped IPv6 address is the IPv4 address); undefined for anything else, such as
 * `unknown`. Source: [RFC7239] 6; many proxies write a port into `X-Forwarded-For` as well.
 */
export function parseNetworkAddress(text: string): string | undefined {
  const node = text.replace(/^"(.*)"$/, '$1').trim();
  const address = withoutZone(withoutPort(node));
  // `isIP` first: ipaddr.js also reads `1` and octal numbers as addresses.
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString();
}

const port = /:[\w.-]*$/;

/** Without brackets and without what follows the address: a port, also an obfuscated one ([RFC7239] 6.3). */
function withoutPort(node: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::[\w.-]*)?$/.exec(node) ?? [];
  if (bracketed !== undefined) return bracketed;
  if (isIP(withoutZone(node)) !== 0) return node;
  const bare = node.replace(port, '');
  // Of IPv6 without brackets, only a ninth group is certainly a port.
  return bare.includes('.') || bare.split(':').length === 8 ? bare : node;
}

/** Without the zone of a link-local address: `fe80::1%eth0`, in URLs `%25eth0` ([RFC4007] 11). */
const withoutZone = (address: string): string => address.replace(/%.*$/, '');

/**
 * The client that an unreadable text stands for, with a prefix that no address has: two such clients are told apart, and
 * one uses up no limit of another.
 */
export const unreadableAddress = (text: string): string => `unreadable:${text.slice(0, maxShownLength)}`;

const maxShownLength = 100;

/** Whether an address is one of `unreadableAddress`. */
export const isUnreadableAddress = (address: string): boolean => address.startsWith('unreadable:');

const warnEveryMs = 60_000;

/**
 * Returns a function that warns of unreadable addresses, at most once a minute: a proxy that writes something else than
 * addresses does so with each request. The address is personal data and not logged.
 */
export function createAddressWarning(log: {
  warn(details: object, message: string): void;
}): (address: string) => void {
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  return (address) => {
    const nowMs = performance.now();
    if (!isUnreadableAddress(address) || nowMs - warnedAtMs < warnEveryMs) return;
    warnedAtMs = nowMs;
    log.warn({}, "a client's address cannot be read: check TRUST_PROXY and what the proxies write");
  };
}
