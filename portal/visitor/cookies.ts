import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import type { SealedBox } from '../http/sealed-box.ts';

const heldJourney = z.object({ id: z.string(), token: z.string(), isRenewal: z.boolean() });

/** A journey whose token this browser holds; a renewal is a change of password that an expired one began. */
export type JourneyHandle = z.infer<typeof heldJourney>;

/**
 * What a browser keeps for us, each in a sealed cookie of its own that ends with the browser. `__Host-`: from this host
 * only, over TLS (or localhost, which browsers trust alike), and no script can read it.
 */
const keepsakes = {
  /** The journeys that this browser has begun, the latest first: one a tab, for a few tabs. */
  journeys: { sameSite: 'lax', shape: z.array(heldJourney) },
  /** The token of the session. */
  session: { sameSite: 'lax', shape: z.string() },
  /** An officer's key, since when and until when (ms) it is kept. Never sent on a request that another site has begun. */
  desk: {
    sameSite: 'strict',
    shape: z.object({ key: z.string(), openedAtMs: z.number(), untilMs: z.number() }),
  },
} as const;

type Name = keyof typeof keepsakes;
export type CookieValue<Of extends Name> = z.infer<(typeof keepsakes)[Of]['shape']>;

const cookie = (name: Name): string => `__Host-clave-${name}`;
const options = (name: Name): CookieOptions => ({
  ...{ httpOnly: true, secure: true, path: '/', sameSite: keepsakes[name].sameSite },
});

/** Reads what the browser has kept. Whatever was not sealed here counts as nothing. */
export function readCookie<Of extends Name>(
  name: Of,
  request: Request,
  sealedBox: SealedBox,
): CookieValue<Of> | undefined {
  const value = (request.cookies as Record<string, string | undefined>)[cookie(name)];
  const { data } = keepsakes[name].shape.safeParse(sealedBox.open('portal-cookie', name, value));
  return data as CookieValue<Of> | undefined;
}

/** Has the browser keep something. */
export const writeCookie = <Of extends Name>(
  name: Of,
  value: CookieValue<Of>,
  response: Response,
  sealedBox: SealedBox,
): void => void response.cookie(cookie(name), sealedBox.seal('portal-cookie', name, value), options(name));

/** Has the browser forget it. */
export const clearCookie = (name: Name, response: Response): void =>
  void response.clearCookie(cookie(name), options(name));

// More tabs than this, and the cookie would grow beyond what browsers keep.
const mostJourneys = 5;

/** The journeys with one more in front. */
export const addJourney = (journeys: readonly JourneyHandle[], begun: JourneyHandle): JourneyHandle[] =>
  [begun, ...journeys.filter(({ id }) => id !== begun.id)].slice(0, mostJourneys);
