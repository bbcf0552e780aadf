import type { RequestHandler } from 'express';
import type { ApiDependencies } from './dependencies.ts';
import { enforceRateLimit } from './enforce-rate-limit.ts';
import { malformed } from './problems.ts';
import { requestLocals } from './request-observer.ts';
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

/** Counts every request against its address. Fails closed: 503 while the count cannot be written. */
export const limitRequests =
  (dependencies: ApiDependencies): RequestHandler =>
  async (request, response, next) => {
    const origin = { address: requestLocals(response).address, userAgent: request.get('User-Agent') ?? '' };
    const limited = await enforceRateLimit('requests', 'any', origin, dependencies);
    if (!limited) return next();
    sendProblem(limited, request, response);
  };
