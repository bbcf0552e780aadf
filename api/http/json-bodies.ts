import { isUtf8 as areUtf8 } from 'node:buffer';
import express, { type RequestHandler } from 'express';
import { hasBody } from '../../platform/arriving-bodies.ts';
import { isUtf8, parseMediaType } from '../../platform/media-type.ts';
import { isComponent } from './client-address.ts';
import type { ApiDependencies } from './dependencies.ts';
import { Refusal } from './refusal.ts';
import type { Route } from './route.ts';

/** The longest body of a request. */
export const maxBodyBytes = 16 * 1_024;

/**
 * Refuses a body that is not declared as JSON in UTF-8 with 415. The header is replaced by its canonical form: the body
 * parser knows fewer spellings.
 */
export const requireJson: RequestHandler = (request, _response, next) => {
  if (!hasBody(request)) return next();
  const mediaType = parseMediaType(request.headers['content-type'] ?? '');
  if (mediaType?.essence !== 'application/json' || !isUtf8(mediaType))
    return next(new Refusal({ problem: 'unsupported-media-type' }));
  request.headers['content-type'] = 'application/json';
  next();
};

/**
 * Parses bodies up to the usual length. A route may set a longer one (`Route.maxBodyBytes`): it holds only for requests with
 * the key that the route needs, so that callers without it cannot make the API keep longer bodies in memory.
 */
export function parseJson(
  routes: readonly Route[],
  { settings }: Pick<ApiDependencies, 'settings'>,
): RequestHandler {
  const usual = express.json({ limit: maxBodyBytes, verify: requireUtf8 });
  const long = new Map(
    routes.flatMap((route) => {
      const { path, onlyFor, maxBodyBytes: limit } = route;
      if (!onlyFor || !limit) return [];
      return [[path, { onlyFor, parse: express.json({ limit, verify: requireUtf8 }) }] as const];
    }),
  );
  return (request, response, next) => {
    const found = long.get(request.path);
    const parse = found && isComponent[found.onlyFor](request, settings) ? found.parse : usual;
    parse(request, response, next);
  };
}

/**
 * For the body parser: refuses bytes that are not UTF-8. The parser would decode them to U+FFFD, so that two different
 * passwords became the same. @throws Error with status 400
 */
export const requireUtf8 = (_request: unknown, _response: unknown, body: Buffer): void => {
  if (!areUtf8(body)) throw Object.assign(new Error('not UTF-8'), { status: 400 });
};
