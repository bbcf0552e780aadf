import { z } from 'zod';
import { limits } from '../../domain/limits.ts';
import type { SealedCookie, SealedCookieFamily } from '../../web/http/sealed-cookie.ts';
import { certificateActs, type IssuingAct, issuedTitles } from '../certificate/acts.ts';

/** The cookies of the portal, each sealed. */
export const cookies = {
  /** The token of the session. */
  session: { name: 'session', sameSite: 'lax', schema: z.string() },
  /**
   * The national id that was typed to open the session: `username.ts`. Strict: of an earlier release it may be that of a
   * journey, which is perhaps another person's.
   */
  username: { name: 'username', sameSite: 'lax', schema: z.strictObject({ nationalId: z.string() }) },
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
   * `username`: the national id that was typed to begin it.
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
      username: z.string().optional(),
    }),
  },
  /**
   * The tokens by which the API knows this browser, one for each citizen who has signed in here: `known-browser.ts`. They
   * outlive the session, so that signing out leaves the browser known.
   */
  browser: { name: 'browser', sameSite: 'lax', life: limits.knownBrowser.life, max: 4, schema: z.string() },
  /**
   * Visits to the certificate listener, by the id of their ticket: its token, for what, and once a certificate was accepted,
   * its token and whose it is. `refusal`: why the last one was not.
   */
  certificate: {
    name: 'certificate',
    sameSite: 'lax',
    max: 3,
    schema: z.object({
      token: z.string(),
      url: z.string(),
      olderCardUrl: z.string(),
      expiresAt: z.string(),
      act: z.enum(certificateActs),
      refusal: z.string().optional(),
      holder: z
        .object({
          token: z.string(),
          identity: z.object({
            nationalId: z.string(),
            givenName: z.string(),
            firstSurname: z.string(),
            secondSurname: z.string().optional(),
          }),
          profile: z.string(),
          strong: z.boolean(),
          registered: z.boolean(),
        })
        .optional(),
    }),
  },
  /** What an act with a certificate has issued, by the id of its receipt, for an hour (`until`, ms). */
  issued: {
    name: 'issued',
    sameSite: 'lax',
    max: 2,
    schema: z.object({
      act: z.enum(Object.keys(issuedTitles) as [IssuingAct, ...IssuingAct[]]),
      token: z.string(),
      activationCode: z.string().optional(),
      dueAt: z.string().optional(),
      until: z.number(),
    }),
  },
  /** What a page of the desk shows that is in no address: `portal/desk/sealed-pages.ts`. */
  deskPage: { name: 'desk-page', sameSite: 'strict', max: 6, schema: z.unknown() },
} as const satisfies Record<string, SealedCookieFamily<unknown>>;

export type FamilyName = keyof typeof cookieFamilies;
export type EntryValue<Name extends FamilyName> = z.infer<(typeof cookieFamilies)[Name]['schema']>;

/** Id and token of a journey that this browser has started. */
export interface StoredCredential extends EntryValue<'journey'> {
  readonly id: string;
}
