import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { createAddressWarning } from '../../platform/network-address.ts';
import { clientAddress } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { RequestOrigin } from './request-origin.ts';

interface RequestLocals {
  address: string;
}

/** What `observeRequests` established about a request; kept in `response.locals`. */
const requestLocals = (response: Response): RequestLocals => response.locals as RequestLocals;

/** The source of a request that `observeRequests` has seen. */
export const originOf = (request: Request, response: Response): RequestOrigin => ({
  address: requestLocals(response).address,
  userAgent: request.get('User-Agent') ?? '',
});

/** Determines the client's address, assigns the HTTP request id, and logs and measures the request when it closes. */
export const observeRequests = ({ log, metrics, settings }: ApiDependencies): RequestHandler => {
  const warnOfAddress = createAddressWarning(log);
  return (request, response, next) => {
    const arrivedAt = performance.now();
    const address = clientAddress(request, settings);
    requestLocals(response).address = address;
    warnOfAddress(address);
    const httpRequestId = randomUUID();
    response.set('X-Request-Id', httpRequestId);
    response.on('close', () => {
      // The pattern of the route, not the path: clients choose the path, and it may hold an id.
      const route = String(request.route?.path ?? 'none');
      const { method } = request;
      const { statusCode: status } = response;
      const ms = performance.now() - arrivedAt;
      log.info({ requestId: httpRequestId, method, route, status, ms: Math.round(ms) }, 'request');
      metrics.requests.observe({ method, route, status: String(status) }, ms / 1_000);
    });
    next();
  };
};
