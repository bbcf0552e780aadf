import type { Request, RequestHandler } from 'express';
import { isTracing, startSpan } from './tracing.ts';

/**
 * Starts a span for a request, named after its route. `parent` returns the `traceparent` of a trusted caller, `routeOf` the
 * pattern of the path. Without tracing, calls the next handler only.
 */
export function traceRequest(
  parent: (request: Request) => string | undefined = () => undefined,
  routeOf: (request: Request) => string = (request) => String(request.route?.path ?? 'none'),
): RequestHandler {
  if (!isTracing()) return (_request, _response, next) => next();
  return (request, response, next) => {
    const { method } = request;
    const span = startSpan({
      name: method,
      kind: 'server',
      parent: parent(request),
      attributes: { 'http.request.method': method },
    });
    if (!span) return next();
    response.once('close', () => {
      const route = routeOf(request);
      span.rename(`${method} ${route}`);
      span.setAttributes({ 'http.route': route, 'http.response.status_code': response.statusCode });
      span.end();
    });
    span.run(next);
  };
}
