import type { Request, RequestHandler } from 'express';
import type { Logger } from '../../platform/log.ts';

/** A request for a page that is over. */
export interface AnsweredRequest {
  readonly method: string;
  /** The pattern of its path. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

/**
 * Logs the pattern of the route and never the address, which contains what the client sends. `onAnswered`: called for each
 * request besides.
 */
export const logPages =
  (
    log: Logger,
    routeOf: (request: Request) => string = ({ route }) => String(route?.path ?? 'none'),
    onAnswered: (answered: AnsweredRequest) => void = () => undefined,
  ): RequestHandler =>
  (request, response, next) => {
    const startedAt = performance.now();
    const { method } = request;
    response.on('close', () => {
      const answered = { method, route: routeOf(request), status: response.statusCode };
      const ms = performance.now() - startedAt;
      onAnswered({ ...answered, ms });
      log.info({ ...answered, ms: Math.round(ms) }, 'page');
    });
    next();
  };
