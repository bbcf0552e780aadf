import { randomBytes } from 'node:crypto';
import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { SealedBox } from './sealed-box.ts';

/**
 * Forms are taken only from pages of ours: a token in the form must go with one in a cookie that nobody else can set
 * (`__Host-`), and a browser that says that another site asks is not heard at all.
 */
export function createCsrfProtection(sealedBox: SealedBox): {
  protect: RequestHandler[];
  csrfToken: (request: Request, response: Response) => string;
} {
  const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
    getSecret: () => sealedBox.formSecret,
    // There is nothing to bind it to before anybody has begun anything; the prefix of the cookie is what binds it.
    getSessionIdentifier: () => 'portal',
    cookieName: '__Host-clave-form',
    cookieOptions: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' },
    getCsrfTokenFromRequest: (request) => (request.body as Record<string, string> | undefined)?.['csrf'],
    errorConfig: { statusCode: 403, code: 'FORGED_FORM' },
  });
  return {
    protect: [refuseOtherSites, doubleCsrfProtection],
    csrfToken: (request, response) => generateCsrfToken(request, response, { validateOnReuse: false }),
  };
}

const refuseOtherSites: RequestHandler = (request, _response, next) => {
  const site = request.get('Sec-Fetch-Site');
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  if (isSafe || site === undefined || site === 'same-origin' || site === 'none') return next();
  next(Object.assign(new Error('from another site'), { status: 403, code: 'FORGED_FORM' }));
};

/** Nothing but our own files, no inline code but the one with this answer's nonce, no frame. */
export const securityHeaders: RequestHandler[] = [
  (_request, response, next) => {
    response.locals['cspNonce'] = randomBytes(16).toString('base64');
    next();
  },
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'", (_request, response) => `'nonce-${(response as Response).locals['cspNonce']}'`],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  }),
  (_request, response, next) => {
    response.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()');
    next();
  },
];
