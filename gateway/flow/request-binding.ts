import type { Request, Response } from 'express';
import { z } from 'zod';
import type { SecretKey } from '../../platform/config.ts';
import { SealedBox } from '../../web/http/sealed-box.ts';
import { readSealedEntry, type SealedCookieFamily, writeSealedEntry } from '../../web/http/sealed-cookie.ts';
import { readCookies } from '../../web/http/submitted-form.ts';

/** Which browser began a request. */
export interface RequestBinding {
  /** Binds a new request to the browser that is answered. */
  bind(request: Request, response: Response, id: string): void;
  isBound(request: Request, response: Response, id: string): boolean;
}

/**
 * Binds requests to browsers by sealed `__Host-` cookies, one for each request. Those of the provider do not suffice: another
 * site of the domain can put them, with their signatures, into the browser of somebody else, who would then identify for
 * whoever began the request. `name`: of the cookies; two providers on one host have different ones.
 */
export function createRequestBinding(
  name: string,
  secretKeys: readonly [SecretKey, ...SecretKey[]],
): RequestBinding {
  const sealedBox = new SealedBox(secretKeys, 'gateway');
  const family: SealedCookieFamily<'begun'> = { name, sameSite: 'lax', max: 10, schema: z.literal('begun') };
  // The provider answers before the application reads cookies.
  return {
    bind(request, response, id) {
      readCookies(request, response, () => undefined);
      writeSealedEntry(family, id, 'begun', request, response, sealedBox);
    },
    isBound(request, response, id) {
      readCookies(request, response, () => undefined);
      return readSealedEntry(family, id, request, sealedBox) !== undefined;
    },
  };
}
