import { isUtf8 as areUtf8 } from 'node:buffer';
import type { RequestHandler } from 'express';
import { hasBody } from '../../platform/arriving-bodies.ts';
import { isUtf8, parseMediaType } from '../../platform/media-type.ts';
import { Refusal } from './refusal.ts';

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
 * For the body parser: refuses bytes that are not UTF-8. The parser would decode them to U+FFFD, so that two different
 * passwords became the same. @throws Error with status 400
 */
export const requireUtf8 = (_request: unknown, _response: unknown, body: Buffer): void => {
  if (!areUtf8(body)) throw Object.assign(new Error('not UTF-8'), { status: 400 });
};
