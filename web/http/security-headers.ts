import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const nonceMark = 'NONCE';

const setByHelmet = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", `'nonce-${nonceMark}'`],
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
});

/** The headers, for which helmet is asked once: but for the nonce they are the same on every response. */
function headersOfHelmet(): [string, string][] {
  const kept = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => kept.set(name, value),
    removeHeader: (name: string) => kept.delete(name),
  };
  setByHelmet({} as IncomingMessage, response as unknown as ServerResponse, () => undefined);
  return [...kept];
}

const headers = [
  ...headersOfHelmet(),
  ['Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=()'],
] as const satisfies readonly (readonly [string, string])[];

/**
 * Content-Security-Policy and its companions: files of this origin only, inline code only with this response's nonce
 * (`response.locals.cspNonce`), no frames.
 */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  const nonce = randomBytes(16).toString('base64');
  response.locals['cspNonce'] = nonce;
  for (const [name, value] of headers) response.setHeader(name, value.replace(nonceMark, nonce));
  next();
};

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
