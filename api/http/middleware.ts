import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { QueueFull } from '../../platform/keyed-queue.ts';
import { Unavailable } from '../citizens/citizen-client.ts';
import { consumeLimit } from './audited-refusals.ts';
import { clientAddress } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { malformed, type Problem, unavailable } from './problems.ts';
import { requestLocals, sendProblem } from './serve.ts';

/** Notes arrival and address, gives the request an id, and logs and counts it once it is answered. */
export const observeRequests =
  ({ log, metrics, settings }: ApiDependencies): RequestHandler =>
  (request, response, next) => {
    const arrivedAt = performance.now();
    Object.assign(requestLocals(response), {
      arrivedAt,
      address: clientAddress(request, settings.FRONT_END_KEY),
    });
    const requestId = randomUUID();
    response.set('X-Request-Id', requestId);
    response.on('close', () => {
      // The pattern of the route, never the address that was asked for: that is the client's to fill.
      const route = String(request.route?.path ?? 'none');
      const { method } = request;
      const { statusCode: status } = response;
      const ms = performance.now() - arrivedAt;
      log.info({ requestId, method, route, status, ms: Math.round(ms) }, 'request');
      metrics.requests.observe({ method, route, status: String(status) }, ms / 1_000);
    });
    next();
  };

/** HTTP/1.1 asks for a Host, and for a refusal without one ([RFC9112] 3.2). */
export const requireHost: RequestHandler = (request, response, next) => {
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') return next();
  sendProblem(malformed([{ pointer: '/headers/Host', code: 'required' }]), request, response);
};

/** No answer of the API is kept by anybody on the way. */
export const noStore: RequestHandler = (request, response, next) => {
  response.set('Cache-Control', 'no-store');
  // Whoever asks whether what they stored is still good has stored nothing: Express would say 304 to `*`.
  delete request.headers['if-none-match'];
  next();
};

/** Every request counts against its address; when the count can't be kept, nobody is let in. */
export const limitRequests =
  (dependencies: ApiDependencies): RequestHandler =>
  async (request, response, next) => {
    const origin = { address: requestLocals(response).address, userAgent: request.get('User-Agent') ?? '' };
    const limited = await consumeLimit('requests', 'any', origin, dependencies);
    if (!limited) return next();
    sendProblem(limited, request, response);
  };

/** A body is JSON in UTF-8. */
export const requireJson: RequestHandler = (request, response, next) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody || (request.is('application/json') && !otherCharset.test(request.get('Content-Type') ?? '')))
    return next();
  sendProblem({ problem: 'unsupported-media-type' }, request, response);
};

/** Any that is told and is not UTF-8. */
const otherCharset = /;\s*charset\s*=\s*"?(?!utf-8"?\s*(?:;|$))/i;

/** Bytes that are no UTF-8 would be read as something else: two different passwords as one. */
export const requireUtf8 = (_request: unknown, _response: unknown, body: Buffer): void => {
  if (!isUtf8(body)) throw Object.assign(new Error('not UTF-8'), { status: 400 });
};

/** What a thrown error means to the caller. A dependency that fails is 503; what Express and its parsers refuse is 4xx. */
export const handleError =
  ({ log }: ApiDependencies): ErrorRequestHandler =>
  (error: unknown, request, response, _next) => {
    const problem = ofClient(error) ?? unavailable();
    if (problem.problem === 'temporarily-unavailable' && !isExpected(error))
      log.error({ err: error, requestId: response.get('X-Request-Id') }, 'a request failed');
    if (response.headersSent) response.destroy();
    else sendProblem(problem, request, response);
  };

const isExpected = (error: unknown): boolean => error instanceof Unavailable || error instanceof QueueFull;

const byStatus: Readonly<Record<number, Problem>> = {
  400: malformed([{ pointer: '', code: 'invalid-format' }]),
  413: { problem: 'payload-too-large' },
  415: { problem: 'unsupported-media-type' },
};

/** Express, its router and its body parser give their refusals a status. */
const ofClient = (error: unknown): Problem | undefined =>
  byStatus[(error as { status?: number } | null)?.status ?? 0];
