import { isUtf8 } from 'node:buffer';
import type { RequestHandler } from 'express';
import { Refusal } from './refusal.ts';

/** The longest body of a request. */
export const maxBodyBytes = 16 * 1_024;

/** Refuses a body that is not declared as JSON in UTF-8 with 415. */
export const requireJson: RequestHandler = (request, _response, next) => {
  const hasBody =
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;
  if (!hasBody || (request.is('application/json') && !otherCharset.test(request.get('Content-Type') ?? '')))
    return next();
  next(new Refusal({ problem: 'unsupported-media-type' }));
};

/** A declared charset other than UTF-8. */
const otherCharset = /;\s*charset\s*=\s*"?(?!utf-8"?\s*(?:;|$))/i;

/**
 * For the body parser: refuses bytes that are not UTF-8. The parser would decode them to U+FFFD, so that two different
 * passwords became the same. @throws Error with status 400
 */
export const requireUtf8 = (_request: unknown, _response: unknown, body: Buffer): void => {
  if (!isUtf8(body)) throw Object.assign(new Error('not UTF-8'), { status: 400 });
};
