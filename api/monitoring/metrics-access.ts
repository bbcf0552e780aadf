import type { Request } from 'express';
import ipaddr from 'ipaddr.js';
import type { ServiceSettings } from '../../platform/config.ts';
import { sameSecret } from '../../platform/secrets.ts';

/** What a proxy says when it passes a request on: then the connection's other end is not the caller. */
const proxyHeaders = ['Forwarded', 'X-Forwarded-For', 'X-Real-IP', 'Via'];

/**
 * Whether a caller may see the numbers of the process (docs/adr/0020): with METRICS_KEY as Bearer, or, where no proxy is
 * in front, from this machine itself.
 */
export function canReadMetrics(
  request: Request,
  { METRICS_KEY: key, TRUST_PROXY: proxies }: Pick<ServiceSettings, 'METRICS_KEY' | 'TRUST_PROXY'>,
): boolean {
  const [, given] = /^Bearer (\S+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  if (key && given && sameSecret(given, key)) return true;
  return proxies === 0 && !proxyHeaders.some((name) => request.get(name)) && isLoopback(request);
}

/** By the connection, whatever the request says. */
function isLoopback({ socket: { remoteAddress = '' } }: Request): boolean {
  return ipaddr.isValid(remoteAddress) && ipaddr.process(remoteAddress).range() === 'loopback';
}
