import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import { type IsoDuration, lengthMs } from '../../domain/durations.ts';
import type { SealedBox } from './sealed-box.ts';

/**
 * A cookie whose value is sealed. `strict`: never sent on a request that another site starts. `life`: how long the browser
 * keeps it; without one it ends with the browser.
 */
export interface SealedCookie<Value> {
  readonly name: string;
  readonly sameSite: 'lax' | 'strict';
  readonly life?: IsoDuration;
  readonly schema: z.ZodType<Value>;
}

/**
 * Cookies of one kind, one for each entry, so that two responses at the same time add two entries: a list in one cookie
 * would keep only the one of the later response. `max`: the oldest beyond are removed.
 */
export interface SealedCookieFamily<Value> extends SealedCookie<Value> {
  readonly max: number;
}

/** Browsers refuse larger cookies (4,096 bytes with name and attributes). */
const maxValueLength = 3_800;

// `__Host-`: set by this host only, over TLS (browsers accept localhost too), for every path.
const nameOf = ({ name }: SealedCookie<unknown>): string => `__Host-clave-${name}`;

const optionsOf = ({ sameSite, life }: SealedCookie<unknown>): CookieOptions => ({
  httpOnly: true,
  secure: true,
  path: '/',
  sameSite,
  ...(life && { maxAge: lengthMs(life) }),
});

// Absent where a request fails before its cookies are read.
const cookiesOf = (request: Request): Record<string, string | undefined> => request.cookies ?? {};

/** Reads a cookie; undefined if it is absent, was not sealed here, or has another shape. */
export function readSealedCookie<Value>(
  cookie: SealedCookie<Value>,
  request: Request,
  sealedBox: SealedBox,
): Value | undefined {
  const value = cookiesOf(request)[nameOf(cookie)];
  return cookie.schema.safeParse(sealedBox.open(sealedBox.cookiePurpose, cookie.name, value)).data;
}

export const writeSealedCookie = <Value>(
  cookie: SealedCookie<Value>,
  value: Value,
  response: Response,
  sealedBox: SealedBox,
): void =>
  void response.cookie(
    nameOf(cookie),
    sealedBox.seal(sealedBox.cookiePurpose, cookie.name, value),
    optionsOf(cookie),
  );

export const clearSealedCookie = (cookie: SealedCookie<unknown>, response: Response): void =>
  void response.clearCookie(nameOf(cookie), optionsOf(cookie));

const entrySchema = z.object({ writtenAtMs: z.number(), value: z.unknown() });

const contextOf = (family: SealedCookieFamily<unknown>, id: string): string => `${family.name}/${id}`;

/** Opens one entry of a family; undefined if it is absent or was not sealed here. */
const openEntry = (
  family: SealedCookieFamily<unknown>,
  id: string,
  request: Request,
  sealedBox: SealedBox,
): z.infer<typeof entrySchema> | undefined =>
  entrySchema.safeParse(
    sealedBox.open(
      sealedBox.cookiePurpose,
      contextOf(family, id),
      cookiesOf(request)[`${nameOf(family)}-${id}`],
    ),
  ).data;

/** Reads one entry of a family. */
export function readSealedEntry<Value>(
  family: SealedCookieFamily<Value>,
  id: string,
  request: Request,
  sealedBox: SealedBox,
): Value | undefined {
  return family.schema.safeParse(openEntry(family, id, request, sealedBox)?.value).data;
}

/**
 * Writes one entry, and removes what cannot be opened and the oldest others beyond the maximum. `id`: letters, digits, `-`
 * and `_`. Returns false, without effect, if the value is too large for a cookie.
 */
export function writeSealedEntry<Value>(
  family: SealedCookieFamily<Value>,
  id: string,
  value: Value,
  request: Request,
  response: Response,
  sealedBox: SealedBox,
): boolean {
  const sealed = sealedBox.seal(sealedBox.cookiePurpose, contextOf(family, id), {
    writtenAtMs: Date.now(),
    value,
  });
  if (sealed.length > maxValueLength) return false;
  const others = idsOf(family, request)
    .filter((other) => other !== id)
    .map((other) => ({
      id: other,
      writtenAtMs: openEntry(family, other, request, sealedBox)?.writtenAtMs ?? 0,
    }))
    .sort((a, b) => b.writtenAtMs - a.writtenAtMs);
  others.forEach((other, index) => {
    if (index >= family.max - 1 || other.writtenAtMs === 0) clearSealedEntry(family, other.id, response);
  });
  response.cookie(`${nameOf(family)}-${id}`, sealed, optionsOf(family));
  return true;
}

export const clearSealedEntry = (family: SealedCookieFamily<unknown>, id: string, response: Response): void =>
  void response.clearCookie(`${nameOf(family)}-${id}`, optionsOf(family));

export function clearSealedFamily(
  family: SealedCookieFamily<unknown>,
  request: Request,
  response: Response,
): void {
  for (const id of idsOf(family, request)) clearSealedEntry(family, id, response);
}

const idsOf = (family: SealedCookieFamily<unknown>, request: Request): string[] => {
  const prefix = `${nameOf(family)}-`;
  return Object.keys(cookiesOf(request)).flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
};
