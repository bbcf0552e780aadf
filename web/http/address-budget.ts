import type { Request, RequestHandler, Response } from 'express';
import ipaddr from 'ipaddr.js';
import { lengthMs } from '../../domain/durations.ts';
import { languageFrom } from '../../domain/languages.ts';
import { pagesPerAddress, wideNetworkFactor } from '../../domain/limits.ts';
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
    for (const { key, factor } of networksOf(address)) {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      // What is refused does not count against the wider network.
      if (count > max * factor) return endsAtMs;
    }
    return undefined;
  };
}

/**
 * An IPv4 address, or an IPv6 /64 network, which one household has, and the /48 above it, which one owner may have. What cannot
 * be read is a client of its own.
 */
function networksOf(text: string): { readonly key: string; readonly factor: number }[] {
  const address = parseNetworkAddress(text);
  if (address === undefined) return [{ key: unreadableAddress(text), factor: 1 }];
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv4') return [{ key: address, factor: 1 }];
  const bytes = parsed.toByteArray();
  return [
    { key: bytes.slice(0, 8).join('.'), factor: 1 },
    { key: bytes.slice(0, 6).join('.'), factor: wideNetworkFactor },
  ];
}

type Refuse = (request: Request, response: Response, headers: Readonly<Record<string, string>>) => void;

const refuseWithPage: Refuse = (request, response, headers) =>
  sendRefusalPage('too-many-requests', languageFrom(request.get('Accept-Language')), response, headers);

/** Refuses the pages of an address whose budget is spent, before any of them is made. */
export function limitAddresses(budget?: Budget, refuse: Refuse = refuseWithPage): RequestHandler {
  const spentUntilMs = createAddressBudget(budget);
  return (request, response, next) => {
    const retryAtMs = spentUntilMs(request.ip ?? '');
    if (retryAtMs === undefined) return next();
    const seconds = Math.max(1, Math.ceil((retryAtMs - Date.now()) / 1_000));
    refuse(request, response, { 'Retry-After': String(seconds) });
  };
}
