import { doubleCsrf } from 'csrf-csrf';
import type { Request, RequestHandler, Response } from 'express';
import type { SealedBox } from './sealed-box.ts';

/**
 * Double-submit CSRF tokens: the form's token must match the one in a cookie that only this host can set (`__Host-`). A
 * request that the browser marks as cross-site (`Sec-Fetch-Site`) is refused before that.
 */
export function createCsrfProtection(sealedBox: SealedBox): {
  protect: RequestHandler[];
  csrfToken: (request: Request, response: Response) => string;
} {
  const { doubleCsrfProtection, generateCsrfToken } = doubleCsrf({
    getSecret: () => sealedBox.csrfSecret,
    // Before signing in there is no session to bind a token to: the prefix of the cookie binds it to this host.
    getSessionIdentifier: () => 'portal',
    cookieName: '__Host-clave-form',
    cookieOptions: { httpOnly: true, secure: true, sameSite: 'lax', path: '/' },
    getCsrfTokenFromRequest: (request) => (request.body as Record<string, string> | undefined)?.['csrf'],
    errorConfig: { statusCode: 403, code: 'FORGED_FORM' },
  });
  return {
    protect: [refuseCrossSite, doubleCsrfProtection],
    csrfToken: (request, response) => generateCsrfToken(request, response, { validateOnReuse: false }),
  };
}

const refuseCrossSite: RequestHandler = (request, _response, next) => {
  const site = request.get('Sec-Fetch-Site');
  const isSafe = request.method === 'GET' || request.method === 'HEAD';
  if (isSafe || site === undefined || site === 'same-origin' || site === 'none') return next();
  next(Object.assign(new Error('cross-site request'), { status: 403, code: 'FORGED_FORM' }));
};
