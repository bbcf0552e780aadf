import { z } from 'zod';
import { limits } from '../../domain/limits.ts';
import type { SealedCookie, SealedCookieFamily } from '../../web/http/sealed-cookie.ts';

/** The cookies of the portal, each sealed. */
export const cookies = {
  /** The token of the session. */
  session: { name: 'session', sameSite: 'lax', schema: z.string() },
  /** The national id that was typed to begin a journey, or to open the session: `username.ts`. */
  username: {
    name: 'username',
    sameSite: 'lax',
    schema: z.object({ nationalId: z.string(), journeyId: z.string().optional() }),
  },
  /** The token of an officer's desk session, and whose it is: no key. */
  desk: {
    name: 'desk',
    sameSite: 'strict',
    schema: z.object({
      token: z.string(),
      officer: z.object({ id: z.string(), name: z.string(), office: z.string() }),
    }),
  },
  /** The page of the desk, below the language, to which a new sign-in returns. */
  deskReturn: { name: 'desk-return', sameSite: 'strict', schema: z.string() },
} as const satisfies Record<string, SealedCookie<unknown>>;

export type CookieName = keyof typeof cookies;
export type CookieValue<Name extends CookieName> = z.infer<(typeof cookies)[Name]['schema']>;

/** Cookies of which a browser holds several, each under an id. */
export const cookieFamilies = {
  /**
   * The journeys that this browser has started, by their id: one for each tab. `isRenewal`: a password change that an
   * expired password started. `isResent`: another SMS code has just been sent, which the next page says. `next`: the page
   * that was asked for before a sign-in. `identification`: that at the gateway to which a new password leads back.
   */
  journey: {
    name: 'journey',
    sameSite: 'lax',
    max: 5,
    schema: z.object({
      token: z.string(),
      isRenewal: z.boolean(),
      isResent: z.boolean().optional(),
      next: z.string().optional(),
      identification: z.string().optional(),
    }),
  },
  /**
   * The tokens by which the API knows this browser, one for each citizen who has signed in here: `known-browser.ts`. They
   * outlive the session, so that signing out leaves the browser known.
   */
  browser: { name: 'browser', sameSite: 'lax', life: limits.knownBrowser.life, max: 4, schema: z.string() },
  /** What a page of the desk shows that is in no address: `portal/desk/sealed-pages.ts`. */
  deskPage: { name: 'desk-page', sameSite: 'strict', max: 6, schema: z.unknown() },
} as const satisfies Record<string, SealedCookieFamily<unknown>>;

export type FamilyName = keyof typeof cookieFamilies;
export type EntryValue<Name extends FamilyName> = z.infer<(typeof cookieFamilies)[Name]['schema']>;

/** Id and token of a journey that this browser has started. */
export interface StoredCredential extends EntryValue<'journey'> {
  readonly id: string;
}
