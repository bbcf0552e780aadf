import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

/**
 * Content-Security-Policy and its companions: files of this origin only, inline code only with this response's nonce
 * (`response.locals.cspNonce`), no frames.
 */
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

/**
 * Lets the forms of one page lead to other origins of ours as well: browsers hold `form-action` against every redirect that
 * follows. `sources`: of the policy.
 */
export function permitFormAction(response: Response, sources: string): void {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.setHeader(
    'Content-Security-Policy',
    policy.replace("form-action 'self'", `form-action 'self' ${sources}`),
  );
}

/**
 * Lets the form of one page lead anywhere. Browsers hold `form-action` against every redirect that follows a form, and where
 * those of another site lead is not known here (docs/adr/0056). For pages without anything that somebody has typed.
 */
export function permitAnyFormAction(response: Response): void {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.setHeader('Content-Security-Policy', policy.replace("form-action 'self';", ''));
}
