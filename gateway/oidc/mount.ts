import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Provider } from 'oidc-provider';
import type { Caller } from '../flow/request-budgets.ts';

/**
 * Serves a provider below the path of its issuer. The scheme and host of every address that it makes are the issuer's,
 * whatever the client's headers say.
 */
export function mountProvider(issuer: string, provider: () => Provider): RequestHandler {
  const { host, protocol } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  const handlers = new WeakMap<Provider, ReturnType<Provider['callback']>>();
  const handlerOf = (current: Provider) => {
    const handler = handlers.get(current) ?? current.callback();
    handlers.set(current, handler);
    return handler;
  };
  return (request: Request, response: Response, next: NextFunction) => {
    request.headers.host = host;
    request.headers['x-forwarded-host'] = host;
    request.headers['x-forwarded-proto'] = scheme;
    if (!isRoute(request)) return next();
    handlerOf(provider())(request, response).catch(next);
  };
}

/** The path of the issuer. */
export const issuerPath = '/oidc';

const routes: readonly (readonly [RegExp, readonly string[], Caller])[] = [
  [/^\/auth$/, ['GET'], 'citizen-begins'],
  [/^\/auth\/[\w-]{1,64}$/, ['GET'], 'citizen-returns'],
  [/^\/(?:token|request)$/, ['POST', 'OPTIONS'], 'server'],
  [/^\/me$/, ['GET', 'POST', 'OPTIONS'], 'server'],
  [
    /^\/(?:jwks|\.well-known\/(?:openid-configuration|oauth-authorization-server))$/,
    ['GET', 'HEAD', 'OPTIONS'],
    'server',
  ],
];

type RequestLine = Pick<Request, 'path' | 'method'>;

const routeOf = ({ path, method }: RequestLine) =>
  routes.find(([shape, methods]) => shape.test(path) && methods.includes(method));

/** What the provider answers. For anything else it has a text of its own, where we have a page. */
const isRoute = (request: RequestLine): boolean => routeOf(request) !== undefined;

/** The pattern of a path, for logs and metrics: never the path itself. */
export const oidcRouteOf = (path: string): string =>
  path.startsWith('/auth/') ? '/auth/:id' : routes.find(([shape]) => shape.test(path)) ? path : 'none';

/** Who calls what is asked, if the provider answers it. `path`: from the root of the gateway. */
export function oidcCallerOf({ path, method }: RequestLine): Caller | undefined {
  if (!path.startsWith(`${issuerPath}/`)) return undefined;
  return routeOf({ path: path.slice(issuerPath.length), method })?.[2];
}
