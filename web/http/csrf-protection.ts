import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { sameSecret } from '../../platform/secrets.ts';
import { newNonce, type SealedBox } from './sealed-box.ts';

const options: CookieOptions = { httpOnly: true, secure: true, sameSite: 'lax', path: '/' };
/** Bounds the Cookie header of a browser that has opened many tabs at once. */
const maxCookies = 20;

/**
 * Double-submit CSRF tokens: the form's token must match one in a cookie that only this host can set (`__Host-`) and that
 * was signed here. A token has a cookie of its own, because a new browser that opens several tabs at once gets several, and
 * each of their forms must be accepted. A request that the browser marks as cross-site (`Sec-Fetch-Site`) is refused before.
 */
export function createCsrfProtection(
  sealedBox: SealedBox,
  prefix = '__Host-clave-form-',
): {
  protect: RequestHandler[];
  csrfToken: (request: Request, response: Response) => string;
} {
  // Before signing in there is no session to bind a token to: the prefix of the cookie binds it to this host.
  const sign = (random: string): string =>
    `${random}.${sealedBox.digest(sealedBox.formPurpose, ['csrf', random])}`;
  const isSigned = (token: string): boolean => sameSecret(token, sign(token.split('.')[0] ?? ''));

  /** The tokens in the browser's cookies, each with the name of its cookie. */
  const heldTokens = (request: Request): [string, string][] =>
    Object.entries((request.cookies ?? {}) as Record<string, string>).filter(([name]) =>
      name.startsWith(prefix),
    );

  return {
    protect: [
      refuseCrossSite,
      (request, _response, next) => {
        if (isSafe(request)) return next();
        const token = (request.body as Record<string, unknown> | undefined)?.['csrf'];
        const isHeld =
          typeof token === 'string' && heldTokens(request).some(([, held]) => sameSecret(held, token));
        next(isHeld && isSigned(token) ? undefined : forged('no token of a form'));
      },
    ],
    csrfToken(request, response) {
      const held = heldTokens(request);
      const [usable, ...others] = held.filter(([, token]) => isSigned(token));
      const kept = new Set([usable, ...others.slice(0, maxCookies - 1)].map((entry) => entry?.[0]));
      for (const [name] of held) if (!kept.has(name)) response.clearCookie(name, options);
      if (usable) return usable[1];
      const token = sign(newNonce());
      response.cookie(`${prefix}${newNonce().slice(0, 11)}`, token, options);
      return token;
    },
  };
}

const isSafe = ({ method }: Request): boolean => method === 'GET' || method === 'HEAD';

const forged = (why: string): Error => Object.assign(new Error(why), { status: 403, code: 'FORGED_FORM' });

const refuseCrossSite: RequestHandler = (request, _response, next) => {
  const site = request.get('Sec-Fetch-Site');
  if (isSafe(request) || site === undefined || site === 'same-origin' || site === 'none') return next();
  next(forged('cross-site request'));
};
