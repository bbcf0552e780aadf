import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import type { ServiceSettings } from './config.ts';
import { sameSecret } from './secrets.ts';

/** Headers that a proxy adds: with one of them the peer of the connection is not the client. */
const proxyHeaders = ['Forwarded', 'X-Forwarded-For', 'X-Real-IP', 'Via'];

/**
 * Whether a client may read the metrics (docs/adr/0020): with METRICS_KEY as Bearer token or, where no proxy is in front,
 * from this machine.
 */
export function canReadMetrics(
  request: Request,
  { METRICS_KEY: key, TRUST_PROXY: proxies }: Pick<ServiceSettings, 'METRICS_KEY' | 'TRUST_PROXY'>,
): boolean {
  const [, given] = /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  if (key && given && sameSecret(given, key)) return true;
  return proxies === 0 && !proxyHeaders.some((name) => request.get(name)) && isLoopback(request);
}

/** By the peer of the connection, not by any header. */
function isLoopback({ socket: { remoteAddress = '' } }: Request): boolean {
  return ipaddr.isValid(remoteAddress) && ipaddr.process(remoteAddress).range() === 'loopback';
}
