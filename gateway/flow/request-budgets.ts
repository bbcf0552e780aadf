import type { Request, RequestHandler } from 'express';
import { authorizationsPerAddress, pagesPerAddress, serverCallsPerAddress } from '../../domain/limits.ts';
import { type Budget, limitAddresses } from '../../web/http/address-budget.ts';

/**
 * Who calls a route of a protocol: a browser that a relying party sends, the same browser on its way back to it, or the party's
 * server.
 */
export type Caller = 'citizen-begins' | 'citizen-returns' | 'server';

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
 * wide budget of its own, for the routes of its protocol and nothing else. `callerOf`: undefined for any other route.
 */
export function limitRequests(
  callerOf: (request: Request) => Caller | undefined,
  {
    pages = pagesPerAddress,
    authorizations = authorizationsPerAddress,
    serverCalls = serverCallsPerAddress,
  }: Partial<RequestBudgets> = {},
): RequestHandler {
  const [ofPages, ofAuthorizations] = [limitAddresses(pages), limitAddresses(authorizations)];
  const ofServerCalls = limitAddresses(serverCalls, (_request, response, headers) => {
    response.status(429).set({ 'Cache-Control': 'no-store', ...headers });
    response.json({
      error: 'temporarily_unavailable',
      error_description: 'too many requests from this address',
    });
  });
  return (request: Request, response, next) => {
    const caller = callerOf(request);
    if (caller === 'server') return void ofServerCalls(request, response, next);
    ofPages(request, response, (error?: unknown) => {
      if (error || caller !== 'citizen-begins') next(error);
      else ofAuthorizations(request, response, next);
    });
  };
}
