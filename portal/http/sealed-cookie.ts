import type { CookieOptions, Request, Response } from 'express';
import type { z } from 'zod';
import type { SealedBox } from './sealed-box.ts';

/** A session cookie whose value is sealed. `strict`: never sent on a request that another site starts. */
export interface SealedCookie<Value> {
  readonly name: string;
  readonly sameSite: 'lax' | 'strict';
  readonly schema: z.ZodType<Value>;
}

// `__Host-`: set by this host only, over TLS (browsers accept localhost too), for every path.
const nameOf = ({ name }: SealedCookie<unknown>): string => `__Host-clave-${name}`;

const optionsOf = ({ sameSite }: SealedCookie<unknown>): CookieOptions => ({
  httpOnly: true,
  secure: true,
  path: '/',
  sameSite,
});

/** Reads a cookie; undefined if it is absent, was not sealed here, or has another shape. */
export function readSealedCookie<Value>(
  cookie: SealedCookie<Value>,
  request: Request,
  sealedBox: SealedBox,
): Value | undefined {
  const value = (request.cookies as Record<string, string | undefined>)[nameOf(cookie)];
  return cookie.schema.safeParse(sealedBox.open('portal-cookie', cookie.name, value)).data;
}

export const writeSealedCookie = <Value>(
  cookie: SealedCookie<Value>,
  value: Value,
  response: Response,
  sealedBox: SealedBox,
): void =>
  void response.cookie(
    nameOf(cookie),
    sealedBox.seal('portal-cookie', cookie.name, value),
    optionsOf(cookie),
  );

export const clearSealedCookie = (cookie: SealedCookie<unknown>, response: Response): void =>
  void response.clearCookie(nameOf(cookie), optionsOf(cookie));
