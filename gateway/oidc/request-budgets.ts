import type { Request, RequestHandler } from 'express';
import { authorizationsPerAddress, pagesPerAddress, serverCallsPerAddress } from '../../domain/limits.ts';
import { type Budget, limitAddresses } from '../../web/http/address-budget.ts';
import { oidcCallerOf } from './mount.ts';

/** What one address may ask of this process. */
export interface RequestBudgets {
  /** Whatever browsers ask for, files not counted. */
  readonly pages: Budget;
  /** Of these, requests that begin an identification: each writes rows. */
  readonly authorizations: Budget;
  /** What the servers of relying parties call. */
  readonly serverCalls: Budget;
}

/**
 * Refuses what an address asks beyond its budgets. A relying party's server calls from one address for all its citizens: it has a
 * wide budget of its own, for the provider's routes and nothing else.
 */
export function limitRequests({
  pages = pagesPerAddress,
  authorizations = authorizationsPerAddress,
  serverCalls = serverCallsPerAddress,
}: Partial<RequestBudgets> = {}): RequestHandler {
  const [ofPages, ofAuthorizations] = [limitAddresses(pages), limitAddresses(authorizations)];
  const ofServerCalls = limitAddresses(serverCalls, (_request, response, headers) => {
    response.status(429).set({ 'Cache-Control': 'no-store', ...headers });
    response.json({
      error: 'temporarily_unavailable',
      error_description: 'too many requests from this address',
    });
  });
  return (request: Request, response, next) => {
    const caller = oidcCallerOf(request);
    if (caller === 'server') return void ofServerCalls(request, response, next);
    ofPages(request, response, (error?: unknown) => {
      if (error || caller !== 'citizen-begins') next(error);
      else ofAuthorizations(request, response, next);
    });
  };
}
