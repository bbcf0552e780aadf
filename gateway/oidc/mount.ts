import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Provider } from 'oidc-provider';

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

const routes: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/auth$/, ['GET']],
  [/^\/auth\/[\w-]{1,64}$/, ['GET']],
  [/^\/(?:token|request)$/, ['POST', 'OPTIONS']],
  [/^\/me$/, ['GET', 'POST', 'OPTIONS']],
  [
    /^\/(?:jwks|\.well-known\/(?:openid-configuration|oauth-authorization-server))$/,
    ['GET', 'HEAD', 'OPTIONS'],
  ],
];

/** What the provider answers. For anything else it has a text of its own, where we have a page. */
const isRoute = ({ path, method }: Request): boolean =>
  routes.some(([shape, methods]) => shape.test(path) && methods.includes(method));

/** The pattern of a path, for logs and metrics: never the path itself. */
export const oidcRouteOf = (path: string): string =>
  path.startsWith('/auth/') ? '/auth/:id' : routes.find(([shape]) => shape.test(path)) ? path : 'none';

/** Endpoints that a relying party's server calls, and no browser. */
export const isBackChannel = (path: string): boolean =>
  /^\/oidc\/(?:token|request|me|jwks|\.well-known\/.*)$/.test(path);
