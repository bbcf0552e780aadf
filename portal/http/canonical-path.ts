import type { Request, RequestHandler } from 'express';

/**
 * The path of a request, as the client has sent it: without the host of an absolute-form target ([RFC9112] 3.2.2), which the
 * client chooses, and without the query.
 */
export const pathOf = ({ baseUrl, path }: Pick<Request, 'baseUrl' | 'path'>): string =>
  path === '/' && baseUrl !== '' ? baseUrl : baseUrl + path;

/** The ids of journeys, of what a page of the desk shows, and of visits with a certificate: the only parts of a path that are not fixed. */
const ids =
  /(?<=^\/[^/]+\/journeys\/)[^/]+|(?<=^\/[^/]+\/desk\/[a-z-]+\/)[\w-]+|(?<=^\/[^/]+\/certificate\/)[\w-]+/;

/**
 * Leaves a router unless the path is spelt as the pages link to it: no capital, no percent-encoding, no slash at the end. A
 * proxy's rule for a path, such as that of the desk, cannot be bypassed by another spelling then.
 */
export const requireCanonicalPath: RequestHandler = (request, _response, next) => {
  const fixed = pathOf(request).replace(ids, 'id');
  next(/^(?:\/[a-z\d-]+)+$/.test(fixed) ? undefined : 'router');
};
