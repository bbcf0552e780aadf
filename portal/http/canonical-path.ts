import type { Request, RequestHandler } from 'express';

/**
 * The path of a request, as the client has sent it: without the host of an absolute-form target ([RFC9112] 3.2.2), which the
 * client chooses, and without the query.
 */
export const pathOf = ({ baseUrl, path }: Pick<Request, 'baseUrl' | 'path'>): string =>
  path === '/' && baseUrl !== '' ? baseUrl : baseUrl + path;

/**
 * Leaves a router unless the path is spelt as the pages link to it: no capital, no percent-encoding, no slash at the end. A
 * proxy's rule for a path, such as that of the desk, cannot be bypassed by another spelling then.
 */
export const requireCanonicalPath: RequestHandler = (request, _response, next) => {
  // The id of a journey is the only part that is not fixed.
  const fixed = pathOf(request).replace(/(?<=^\/[^/]+\/journeys\/)[^/]+/, 'id');
  next(/^(?:\/[a-z\d-]+)+$/.test(fixed) ? undefined : 'router');
};
