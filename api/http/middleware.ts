import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { ApiDependencies } from './dependencies.ts';
import { refusalOf } from './error-handler.ts';
import { malformed } from './problems.ts';
import { enforceLimits, refuseUncounted } from './rate-limits.ts';
import { Refusal } from './refusal.ts';
import { originOf } from './request-observer.ts';
import { sendProblem } from './send-problem.ts';

/** Refuses an HTTP/1.1 request without Host with 400 ([RFC9112] 3.2). */
export const requireHost: RequestHandler = (request, response, next) => {
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') return next();
  sendProblem(malformed([{ pointer: '/headers/Host', code: 'required' }]), request, response);
};

/** Forbids caches to store any response of the API. */
export const noStore: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store');
  // A conditional request has nothing to revalidate, yet Express would answer `If-None-Match: *` with 304.
  delete request.headers['if-none-match'];
  next();
};

/**
 * Counts a request for a page of the documentation against its address. Fails closed: 503 while the count cannot be
 * written. Requests to routes are counted by their stages (`stages.ts`).
 */
export const limitRequests =
  (dependencies: ApiDependencies): RequestHandler =>
  async (request, response, next) => {
    const limited = await enforceLimits(['requests'], 'any', originOf(request, response), dependencies);
    if (!limited) return next();
    sendProblem(limited, request, response);
  };

/** Counts a request that was refused before any stage of a route: by the parser of bodies, or since there is no such route. */
export const countRefusals =
  (dependencies: ApiDependencies): ErrorRequestHandler =>
  async (error: unknown, request, response, next) => {
    const refusal = refusalOf(error);
    if (!refusal) return next(error);
    next(new Refusal(await refuseUncounted(refusal, originOf(request, response), dependencies)));
  };
