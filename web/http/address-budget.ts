import type { RequestHandler } from 'express';
import ipaddr from 'ipaddr.js';
import { lengthMs } from '../../domain/durations.ts';
import { languageFrom } from '../../domain/languages.ts';
import { pagesPerAddress } from '../../domain/limits.ts';
import { parseNetworkAddress, unreadableAddress } from '../../platform/network-address.ts';
import { sendRefusalPage } from './refusal-page.ts';

/** A number of requests in a period, an ISO 8601 duration. */
export interface Budget {
  readonly max: number;
  readonly per: string;
}

/**
 * Counts requests by address in this process, in periods that are the same for all addresses: at the end of one every count
 * is forgotten, so that memory is bounded by what the process can answer in it. Returns when (ms) an address whose budget is
 * spent may return, or undefined.
 */
export function createAddressBudget({ max, per }: Budget = pagesPerAddress, now: () => number = Date.now) {
  const periodMs = lengthMs(per);
  const counts = new Map<string, number>();
  let endsAtMs = 0;
  return (address: string): number | undefined => {
    if (now() >= endsAtMs) {
      counts.clear();
      endsAtMs = now() + periodMs;
    }
    const key = networkOf(address);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count > max ? endsAtMs : undefined;
  };
}

/** An IPv4 address, or an IPv6 /64 network, which one household has. What cannot be read is a client of its own. */
function networkOf(text: string): string {
  const address = parseNetworkAddress(text);
  if (address === undefined) return unreadableAddress(text);
  const parsed = ipaddr.parse(address);
  return parsed.kind() === 'ipv4' ? address : parsed.toByteArray().slice(0, 8).join('.');
}

/** Refuses the pages of an address whose budget is spent, before any of them is made. */
export function limitAddresses(budget?: Budget): RequestHandler {
  const spentUntilMs = createAddressBudget(budget);
  return (request, response, next) => {
    const retryAtMs = spentUntilMs(request.ip ?? '');
    if (retryAtMs === undefined) return next();
    const seconds = Math.max(1, Math.ceil((retryAtMs - Date.now()) / 1_000));
    const language = languageFrom(request.get('Accept-Language'));
    sendRefusalPage('too-many-requests', language, response, { 'Retry-After': String(seconds) });
  };
}
