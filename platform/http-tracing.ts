import type { Request, RequestHandler } from 'express';
import { isTracing, startSpan } from './tracing.ts';

/**
 * Starts a span for a request, named after its route. `parent` returns the `traceparent` of a trusted caller. Without
 * tracing, calls the next handler only.
 */
export function traceRequest(
  parent: (request: Request) => string | undefined = () => undefined,
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
      const route = String(request.route?.path ?? 'none');
      span.rename(`${method} ${route}`);
      span.setAttributes({ 'http.route': route, 'http.response.status_code': response.statusCode });
      span.end();
    });
    span.run(next);
  };
}
