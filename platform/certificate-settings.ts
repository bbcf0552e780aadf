import { z } from 'zod';
import { httpsOrigin } from './setting-schemas.ts';

/** Where browsers find the certificate listeners, and whether each visit has a host name of its own. */
export const certificateListener = {
  CERTIFICATE_URL: httpsOrigin.default('https://identidad.localhost:3443'),
  /** The listener for cards that cannot sign as TLS 1.3 asks. */
  OLDER_CARD_URL: httpsOrigin.default('https://identidad.localhost:3444'),
  CERTIFICATE_HOSTS: z.enum(['fresh', 'fixed'], 'must be fresh or fixed').default('fresh'),
};

/**
 * Why visits may not share one host name here, a line for each reason. A browser remembers by host that a citizen chose no
 * certificate, or which one: with one name nobody could choose again. Tests of one exact origin need it.
 */
export function fixedHostProblems({
  CERTIFICATE_HOSTS,
  CERTIFICATE_URL,
}: {
  readonly CERTIFICATE_HOSTS: string;
  readonly CERTIFICATE_URL: string;
}): string[] {
  if (CERTIFICATE_HOSTS !== 'fixed' || isLoopbackName(new URL(CERTIFICATE_URL).hostname)) return [];
  return ['CERTIFICATE_HOSTS: fixed is for tests, with a CERTIFICATE_URL below localhost'];
}

const isLoopbackName = (hostname: string): boolean => /(?:^|\.)localhost$/.test(hostname);
